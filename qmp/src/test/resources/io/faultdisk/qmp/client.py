"""A client as QEMU's own library is one: a greeting is expected, capabilities are agreed on, each
request has an id and a future, events go to a queue, and the connection ends when the server quits."""

import asyncio
import json
import sys


class CommandError(Exception):
    def __init__(self, error):
        super().__init__(error["desc"])
        self.kind = error["class"]


class Client:
    def __init__(self):
        self.waiting = {}
        self.events = asyncio.Queue()
        self.count = 0

    async def connect(self, path):
        self.reader, self.writer = await asyncio.open_unix_connection(path, limit=10 << 20)
        greeting = json.loads(await self.reader.readline())
        if set(greeting) != {"QMP"} or not {"version", "capabilities"} <= set(greeting["QMP"]):
            raise AssertionError(f"no greeting: {greeting}")
        self.version = greeting["QMP"]["version"]["qemu"]
        self.listener = asyncio.create_task(self.listen())
        enable = [c for c in greeting["QMP"]["capabilities"] if c == "oob"]
        await self.execute("qmp_capabilities", {"enable": enable})

    async def listen(self):
        while line := await self.reader.readline():
            if not line.endswith(b"\r\n"):
                raise AssertionError(f"no end of line: {line!r}")
            message = json.loads(line)
            if "event" in message:
                if not {"seconds", "microseconds"} <= set(message["timestamp"]):
                    raise AssertionError(f"no time: {message}")
                self.events.put_nowait(message)
            else:
                self.waiting.pop(message["id"]).set_result(message)

    async def execute(self, command, arguments=None, how="execute"):
        self.count += 1
        name = f"request-{self.count}"
        request = {how: command, "id": name}
        if arguments is not None:
            request["arguments"] = arguments
        self.waiting[name] = asyncio.get_running_loop().create_future()
        self.writer.write(json.dumps(request).encode() + b"\n")
        await self.writer.drain()
        reply = await asyncio.wait_for(self.waiting[name], 30)
        if "error" in reply:
            raise CommandError(reply["error"])
        return reply["return"]

    async def event(self, name, **data):
        while True:
            event = await asyncio.wait_for(self.events.get(), 30)
            if event["event"] == name and data.items() <= event["data"].items():
                return event


async def main(path, image):
    client = Client()
    await client.connect(path)
    commands = {c["name"] for c in await client.execute("query-commands")}
    schema = await client.execute("query-qmp-schema")
    described = {e["name"] for e in schema if e["meta-type"] == "command"}
    if commands != described:
        raise AssertionError(f"commands {commands ^ described}")

    file = {"driver": "file", "filename": image, "size": 1 << 20}
    await client.execute("blockdev-create", {"job-id": "make", "options": file})
    await client.event("JOB_STATUS_CHANGE", id="make", status="concluded")
    await client.execute("job-dismiss", {"id": "make"})
    await client.event("JOB_STATUS_CHANGE", id="make", status="null")
    node = {"driver": "file", "node-name": "f", "filename": image}
    await client.execute("blockdev-add", node)
    disk = {"driver": "blkdebug", "node-name": "d", "image": "f"}
    await client.execute("blockdev-add", disk)
    await client.event("__io.faultdisk_DISK_ADDED", disk="d")

    for command, arguments, kind in [
        ("blockdev-add", node, "GenericError"),
        ("blockdev-del", {"node-name": "nothing"}, "GenericError"),
        ("nothing", None, "CommandNotFound"),
    ]:
        try:
            await client.execute(command, arguments)
        except CommandError as error:
            if error.kind != kind:
                raise AssertionError(f"{command}: {error.kind} {error}") from error
        else:
            raise AssertionError(f"{command} did not fail")

    queries = ["query-jobs", "query-block-exports", "query-version", "query-named-block-nodes"]
    results = await asyncio.gather(*(client.execute(q) for q in queries * 5))
    if len(results) != 20 or len(results[3]) != 2:
        raise AssertionError(f"results {results}")
    disks = await client.execute("__io.faultdisk_query-disks", how="exec-oob")
    if [d["name"] for d in disks] != ["d"]:
        raise AssertionError(f"disks {disks}")
    await client.execute("quit")
    await asyncio.wait_for(client.listener, 30)
    print("ok")


asyncio.run(main(sys.argv[1], sys.argv[2]))
