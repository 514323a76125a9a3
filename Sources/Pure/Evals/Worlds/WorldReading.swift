import InterlockJSON
import InterlockModel
package import InterlockPolicy

/// Reads a fixture. Whatever does not fit is a finding with its place, and a file with an error gives no world.
///
/// INVARIANT: nothing in a file is accepted and ignored. Kept by `WorldReadingTests`, `Fuzz/World`.
package struct WorldReading: Sendable {
    package let fixture: WorldFixture?
    package let findings: [Finding]

    package init(_ file: ParsedEvalFile) {
        var reader = WorldReader()
        reader.findings.add(contentsOf: file.findings)
        let read = reader.read(file)
        findings = reader.findings.all
        fixture = reader.findings.hasErrors ? nil : read
    }
}

private struct WorldReader {
    var findings = Findings()

    mutating func read(_ file: ParsedEvalFile) -> WorldFixture? {
        guard file.byteCount <= EvalLimits.fixtureBytes else {
            let start = PolicyLocation(file: file.path, line: 1, column: 1)
            return refuse(.tooLarge, start, "", "the fixture has more than 1 MiB")
        }
        guard let root = file.root else { return nil }
        var typing = Typing(file: file.path)
        let value = typing.type(
            root, as: .record(WorldSchema.world), path: "", label: "fixture")
        findings.add(contentsOf: typing.findings.all)
        guard let value, !findings.hasErrors, let stated = value["servers"] else { return nil }
        guard (1...EvalLimits.worldServers).contains(stated.members.count) else {
            return refuse(
                .outOfRange, stated.place, stated.path,
                "servers: a fixture has 1 to \(EvalLimits.worldServers) servers")
        }
        let servers = stated.members.compactMap { server($0) }
        return WorldFixture(servers: servers.sorted { $0.name < $1.name })
    }

    private mutating func server(_ member: TypedValue.Member) -> FakeServer? {
        let value = member.value
        guard let name = ServerName(member.key) else { return nil }
        if let command = value["command"] {
            guard let words = words(command, value) else { return nil }
            return FakeServer(name: name, body: .command(words))
        }
        let tools = (value["tools"]?.members ?? []).compactMap { tool($0) }
        let server = ScriptedServer(
            state: value["state"]?.json ?? .object([:]), tools: tools)
        return FakeServer(name: name, body: .scripted(server))
    }

    /// The command of a real server, which has no written state.
    private mutating func words(_ command: TypedValue, _ server: TypedValue) -> [String]? {
        if let stated = server["state"] {
            return refuse(
                .wrongShape, stated.place, stated.path,
                "state: a server with `command` has its own")
        }
        let words = command.items.compactMap(\.text)
        guard let program = words.first, !program.isEmpty,
            !words.contains(where: { $0.utf8.contains(0) })
        else {
            return refuse(
                .wrongShape, command.place, command.path,
                "command: expected a program and its arguments")
        }
        return words
    }

    private mutating func tool(_ member: TypedValue.Member) -> ScriptedTool? {
        guard let name = ToolName(member.key) else { return nil }
        guard !member.value.items.isEmpty else {
            return refuse(
                .wrongShape, member.value.place, member.value.path,
                "\(member.key): a tool has at least one answer")
        }
        let answers = member.value.items.compactMap { answer($0) }
        return ScriptedTool(name: name, answers: answers)
    }

    private mutating func answer(_ value: TypedValue) -> ScriptedAnswer? {
        let match = pointed(value["match"])
        let state = pointed(value["state"])
        let patch = patch(value["patch"])
        guard let content = value["answer"].flatMap({ answerContent($0) }), let match, let state,
            let patch
        else { return nil }
        return ScriptedAnswer(
            match: match, state: state, content: content, patch: patch)
    }

    /// Reads a mapping of pointers to values; an absent one is empty.
    private mutating func pointed(_ value: TypedValue?) -> [PointedValue]? {
        guard let value else { return [] }
        guard let object = value.json?.object, !object.isEmpty else {
            return refuse(
                .wrongShape, value.place, value.path,
                "expected a mapping of pointers like `/order` to values")
        }
        var pointed: [PointedValue] = []
        for member in object.members {
            guard let path = JSONPath(member.key) else {
                return refuse(
                    .wrongType, value.place, value.path,
                    "`\(member.key)` is no pointer like `/order`")
            }
            pointed.append(PointedValue(path: path, value: member.value))
        }
        return pointed
    }

    private mutating func answerContent(_ value: TypedValue) -> ScriptedAnswer.Content? {
        guard let key = WorldSchema.contents.first(where: { value[$0] != nil }),
            let stated = value[key]
        else { return nil }
        switch key {
        case "text": return stated.text.map { .text($0) }
        case "error": return stated.text.map { .error($0) }
        case "state": return pointer(stated).map { .state($0) }
        case "structured":
            guard let object = stated.json?.object else {
                return refuse(
                    .wrongType, stated.place, stated.path,
                    "structured: structured content is a mapping")
            }
            return .structured(object)
        default:
            let blocks = stated.items.compactMap(\.json)
            guard blocks.allSatisfy({ $0["type"]?.string?.isEmpty == false }) else {
                return refuse(
                    .wrongShape, stated.place, stated.path,
                    "content: a block is a mapping with `type`")
            }
            return .blocks(blocks)
        }
    }

    private mutating func pointer(_ value: TypedValue) -> JSONPath? {
        guard let text = value.text else { return nil }
        return JSONPath(text)
            ?? refuse(
                .wrongType, value.place, value.path, "`\(text)` is no pointer like `/orders/0`")
    }

    private mutating func patch(_ value: TypedValue?) -> JSONPatch? {
        guard let value else { return JSONPatch([]) }
        guard value.items.count <= JSONPatch.mostOperations else {
            return refuse(
                .tooLarge, value.place, value.path,
                "patch: has more than \(JSONPatch.mostOperations) operations")
        }
        var operations: [JSONPatch.Operation] = []
        for item in value.items {
            guard let operation = operation(item) else { return nil }
            operations.append(operation)
        }
        return JSONPatch(operations)
    }

    /// Reads an operation, which has the members of its kind and no others.
    private mutating func operation(_ value: TypedValue) -> JSONPatch.Operation? {
        guard let kind = value["op"]?.text, let path = value["path"].flatMap({ pointer($0) }) else {
            return nil
        }
        var from: JSONPath?
        if let stated = value["from"] {
            guard let read = pointer(stated) else { return nil }
            from = read
        }
        switch (kind, value["value"]?.json, from) {
        case ("add", let new?, nil): return .add(path, new)
        case ("replace", let new?, nil): return .replace(path, new)
        case ("test", let new?, nil): return .test(path, new)
        case ("remove", nil, nil): return .remove(path)
        case ("move", nil, let from?): return .move(from: from, to: path)
        case ("copy", nil, let from?): return .copy(from: from, to: path)
        default:
            return refuse(
                .wrongShape, value.place, value.path,
                "\(kind): `move` and `copy` have `from`, `add`, `replace` and `test` have `value`, "
                    + "and `remove` has neither")
        }
    }

    private mutating func refuse<Value>(
        _ code: FindingCode, _ place: PolicyLocation, _ path: String, _ message: String
    ) -> Value? {
        findings.add(code, at: place, path: path, message)
        return nil
    }
}
