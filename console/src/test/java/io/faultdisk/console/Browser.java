package io.faultdisk.console;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.ElementNotInteractableException;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.support.ui.Select;
import org.openqa.selenium.support.ui.WebDriverWait;

/**
 * The installed browser, without a window, as a user with mouse and keyboard has it. One thread.
 */
final class Browser implements AutoCloseable {
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  /** Held, so that what is set of it stays: it warns of what nobody uses here. */
  private static final Logger DEVTOOLS = Logger.getLogger("org.openqa.selenium");

  private static final Pattern ASKED =
      Pattern.compile(
          "\"method\":\"Network.requestWillBeSent\".*?\"request\":\\{.*?\"url\":\"([^\"]*)\"");

  private final ChromeDriver driver;

  /** Its profile, its sockets; goes with it. */
  private final Path directory;

  private Browser(ChromeDriver driver, Path directory) {
    this.driver = driver;
    this.directory = directory;
  }

  /** Starts it, if it is there, with a profile that is deleted when it ends. */
  static Optional<Browser> start() throws IOException {
    Optional<Path> chromium = program("/usr/bin/chromium", "/usr/bin/chromium-browser");
    Optional<Path> chromedriver = program("/usr/bin/chromedriver");
    if (chromium.isEmpty() || chromedriver.isEmpty()) {
      return Optional.empty();
    }
    DEVTOOLS.setLevel(Level.SEVERE);
    ChromeOptions options = new ChromeOptions();
    options.setBinary(chromium.get().toFile());
    options.addArguments(
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-search-engine-choice-screen",
        "--force-device-scale-factor=1",
        "--lang=en");
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    logs.enable(LogType.PERFORMANCE, Level.ALL);
    options.setCapability("goog:loggingPrefs", logs);
    options.setExperimentalOption(
        "perfLoggingPrefs", Map.of("enableNetwork", true, "enablePage", false));
    Path directory = Files.createTempDirectory("browser");
    ChromeDriverService service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(chromedriver.get().toFile())
            .usingAnyFreePort()
            .withEnvironment(Map.of("TMPDIR", directory.toString()))
            .withTimeout(Duration.ofSeconds(60))
            .build();
    return Optional.of(new Browser(new ChromeDriver(service, options), directory));
  }

  private static Optional<Path> program(String... places) {
    return Stream.of(places).map(Path::of).filter(Files::isExecutable).findFirst();
  }

  // ---- looking

  void open(String url) {
    // A page that differs in its hash only would not be loaded anew.
    driver.get("about:blank");
    viewport(1280, 800);
    driver.get(url);
  }

  /** Leaves the page. */
  void leave() {
    driver.get("about:blank");
  }

  String url() {
    return Objects.requireNonNull(driver.getCurrentUrl());
  }

  String title() {
    return Objects.requireNonNull(driver.getTitle());
  }

  /** The size of what is shown of the page. */
  void viewport(int width, int height) {
    driver.manage().window().setSize(new Dimension(width, height));
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    await(
        "a window of " + width + " x " + height,
        () -> run("return innerWidth + ' ' + innerHeight").equals(width + " " + height));
  }

  /** What the user has set for all pages. */
  void scheme(boolean dark) {
    prefer(List.of(colours(dark)));
  }

  /** The same for somebody who wants nothing to move. */
  void schemeWithoutMotion(boolean dark) {
    prefer(List.of(colours(dark), Map.of("name", "prefers-reduced-motion", "value", "reduce")));
  }

  private static Map<String, String> colours(boolean dark) {
    return Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light");
  }

  private void prefer(List<Map<String, String>> features) {
    driver.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("features", features));
  }

  WebElement find(String css) {
    return driver.findElement(By.cssSelector(css));
  }

  List<WebElement> all(String css) {
    return driver.findElements(By.cssSelector(css));
  }

  /** Text as it is in the document, seen or not. */
  String text(String css) {
    return String.valueOf(
        run("return document.querySelector(arguments[0])?.textContent ?? '(none)'", css));
  }

  /** An attribute of an element that may be replaced at any moment. */
  String attribute(String css, String name) {
    return String.valueOf(
        run(
            "return document.querySelector(arguments[0])?.getAttribute(arguments[1]) ?? '(none)'",
            css,
            name));
  }

  boolean shown(String css) {
    return all(css).stream().anyMatch(WebElement::isDisplayed);
  }

  /** The id of the element with the focus, or what else can be said of it. */
  String focus() {
    return String.valueOf(
        run(
            "const e = document.activeElement; return e.id || e.getAttribute('aria-label') ||"
                + " e.getAttribute('data-go') || e.tagName + ' ' + e.textContent"));
  }

  Object run(String script, Object... arguments) {
    Object answer = driver.executeScript(script, arguments);
    return answer == null ? "" : answer;
  }

  Object runAsync(String script, Object... arguments) {
    driver.manage().timeouts().scriptTimeout(Duration.ofSeconds(120));
    Object answer = driver.executeAsyncScript(script, arguments);
    return answer == null ? "" : answer;
  }

  // ---- waiting

  void await(String what, BooleanSupplier until) {
    await(what, DEADLINE, until);
  }

  void await(String what, Duration deadline, BooleanSupplier until) {
    new WebDriverWait(driver, deadline, Duration.ofMillis(50))
        // Replaced, or behind a dialog that is about to close.
        .ignoring(StaleElementReferenceException.class)
        .ignoring(ElementNotInteractableException.class)
        .withMessage(() -> what + "; the page says: " + run("return document.body.innerText"))
        .until(_ -> until.getAsBoolean());
  }

  void awaitText(String css, String part) {
    await(css + " has '" + part + "'", () -> text(css).contains(part));
  }

  void awaitShown(String css) {
    await(css + " is shown", () -> shown(css));
  }

  void awaitHidden(String css) {
    await(css + " is hidden", () -> !shown(css));
  }

  // ---- doing

  /** Clicks what is shown and can be used, once nothing is in front of it. */
  void click(String css) {
    await(
        "a click on " + css,
        () -> {
          WebElement element = find(css);
          boolean ready = element.isDisplayed() && element.isEnabled();
          if (ready) {
            element.click();
          }
          return ready;
        });
  }

  /** Replaces what is in a field. */
  void type(String css, String text) {
    await(
        "'" + text + "' in " + css,
        () -> {
          WebElement field = find(css);
          field.sendKeys(Keys.chord(Keys.CONTROL, "a"), Keys.DELETE);
          field.sendKeys(text);
          return text.equals(field.getDomProperty("value"));
        });
  }

  void choose(String css, String option) {
    await(
        option + " in " + css,
        () -> {
          new Select(find(css)).selectByVisibleText(option);
          return true;
        });
  }

  /** Presses keys, wherever the focus is. */
  void press(CharSequence... keys) {
    new Actions(driver).sendKeys(keys).perform();
  }

  void point(String css, int x, int y) {
    WebElement element = find(css);
    Dimension size = element.getSize();
    new Actions(driver).moveToElement(element, x - size.width / 2, y - size.height / 2).perform();
  }

  /** Left, top, width and height of the first of these elements in the window, and so on. */
  private List<List<Integer>> boxes(String... css) {
    List<?> numbers =
        (List<?>)
            run(
                "return [...arguments].flatMap((css) => {"
                    + " const b = document.querySelector(css).getBoundingClientRect();"
                    + " return [b.x, b.y, b.width, b.height]; })",
                (Object[]) css);
    List<List<Integer>> boxes = new ArrayList<>();
    for (int i = 0; i < numbers.size(); i += 4) {
      boxes.add(
          numbers.subList(i, i + 4).stream().map(number -> ((Number) number).intValue()).toList());
    }
    return boxes;
  }

  List<Integer> box(String css) {
    return boxes(css).getFirst();
  }

  /** A picture of the window in which these elements stand where they say they are. */
  Look look(String... css) {
    List<List<Integer>> before = boxes(css);
    while (true) {
      byte[] png = driver.getScreenshotAs(OutputType.BYTES);
      List<List<Integer>> after = boxes(css);
      if (after.equals(before)) {
        return Look.of(png, List.of(css), after);
      }
      before = after;
    }
  }

  // ---- what went on

  /** What pages and browser wrote to the console since the last look. */
  List<String> console() {
    List<String> lines = new ArrayList<>();
    for (LogEntry entry : driver.manage().logs().get(LogType.BROWSER)) {
      lines.add(entry.getMessage());
    }
    return lines;
  }

  /** Addresses that were asked for since the last look, but for the browser's own pages. */
  List<String> asked() {
    List<String> asked = new ArrayList<>();
    for (LogEntry entry : driver.manage().logs().get(LogType.PERFORMANCE)) {
      Matcher found = ASKED.matcher(entry.getMessage());
      if (found.find() && !found.group(1).matches("(chrome|about|data):.*")) {
        asked.add(found.group(1));
      }
    }
    return asked;
  }

  @Override
  public void close() {
    driver.quit();
    // Its helpers may go on writing for a moment.
    Awaitility.await().atMost(DEADLINE).ignoreExceptions().until(this::isDeleted);
  }

  private boolean isDeleted() throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    }
    return true;
  }
}
