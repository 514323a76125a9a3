import InterlockJSON
import InterlockModel
import InterlockPolicyCEL

/// Compares what entries of tools state about the flow of values with the rest of the policy and with the reviewed
/// schemas (E222, W235 to W237, W242). A tool without a pin is not compared with a schema.
struct FlowCheck {
    private let document: PolicyDocument
    private let table: ToolTable
    private let lock: PolicyLock?
    /// The rows of the tools that an agent with `taint` can be granted: for others the level of a run changes nothing.
    private let asked: Set<Int>
    private var findings = Findings()

    /// - Parameter cells: the cells of each agent, in the order of the document's agents.
    init(
        _ document: PolicyDocument, _ table: ToolTable, _ cells: [[Cell]], _ lock: PolicyLock?,
        at now: Timestamp
    ) {
        self.document = document
        self.table = table
        self.lock = lock
        var asked: Set<Int> = []
        for (agent, cells) in zip(document.agents, cells) where agent.taint != nil {
            for cell in cells where cell.canBeGranted(from: now) { asked.formUnion(cell.tools) }
        }
        self.asked = asked
    }

    consuming func run() -> Findings {
        for server in document.servers where server.name != HostServer.name {
            let written = document.root["servers"]?[server.name.text]?["tools"]
            for tool in server.tools where tool.name.kind == .tool {
                check(tool, of: server, written)
            }
        }
        checkWaivers()
        return findings
    }

    /// W242: a waiver of values at an argument that the reviewed tool does not have.
    private mutating func checkWaivers() {
        for waiver in document.safety.waivers {
            guard let address = ToolAddress(dotted: waiver.tool.value),
                let schema = lock?.inputSchema(of: address),
                let type = try? CELSchema.argumentsType(of: schema),
                let missing = type.firstMissing(of: waiver.argument)
            else { continue }
            findings.add(
                .waiverWithoutArgument, at: waiver,
                "safety.waivers: \(named(address)) has no argument `\(waiver.argument.text)`",
                help: didYouMean(missing.name, among: missing.names))
        }
    }

    /// - Parameter written: the entries of the server's tools as written, which have the places of their parts.
    private mutating func check(_ tool: ToolSpec, of server: ServerSpec, _ written: TypedValue?) {
        let address = ToolAddress(server: server.name, tool: tool.name)
        let row = table.number(of: address)
        let isInternal = server.reviewed?.trust == .internal
        if let row, isInternal { checkUnstated(tool, address, row) }
        guard tool.flow != ToolFlow.none, let row, let entry = written?[tool.name.text] else {
            return
        }
        if tool.flow.source == .internal, !isInternal {
            findings.add(
                .unfitFlow, at: entry["source"] ?? entry,
                "source: `\(server.name)` is not reviewed as internal, so none of its tools is",
                help: "leave it out, or have the server reviewed")
        }
        checkKeys(tool, address, table.rows[row], entry)
        checkValues(address, entry)
        if let provenance = entry["provenance"] {
            checkFields(
                tool.flow, address, provenance,
                isOutside: tool.flow.isByOutsiders(onInternalServer: isInternal))
        }
    }

    /// W237: a read of an internal server whose result may be anyone's text, and whose entry does not say.
    private mutating func checkUnstated(_ tool: ToolSpec, _ address: ToolAddress, _ row: Int) {
        guard tool.flow.source == nil, tool.toolClass == .read, asked.contains(row),
            let locked = lock?.tool(address)
        else { return }
        let schema = locked.definition["outputSchema"]
        guard schema.map({ FreeText.isPossible(in: $0) }) ?? true else { return }
        findings.add(
            .sourceUnstated, at: tool,
            "\(address): it returns free text, and its entry does not say whether outsiders wrote it",
            help: "write `source: untrusted` if they did, otherwise `source: internal`")
    }

    private mutating func checkKeys(
        _ tool: ToolSpec, _ address: ToolAddress, _ row: ToolTable.Row, _ entry: TypedValue
    ) {
        let effects = row.effectRules.reduce(row.spec.effects) {
            $0.union(document.effectRules[$1].addedEffect)
        }
        let reach = CallReach(
            effects, tool.toolClass, isOfHost: false, sends: tool.flow.sends)
        // The keys of a read say whether a value of the request addressed what it brings.
        if reach == .reads, let intent = entry["intent"] {
            findings.add(
                .flowWithoutEffect, at: intent,
                "intent: a call of \(address) only reads, so nothing is decided by it",
                help: "leave it out, or state `sends: true` if a call passes data out")
        }
        if let keys = entry["keys"], keys.items.isEmpty {
            findings.add(
                .unfitFlow, at: keys,
                "keys: no argument is named, so each call would count as made up by the model",
                help: "name the arguments that decide where an effect lands, or leave `keys` out")
        }
        guard let keys = entry["keys"], let schema = lock?.inputSchema(of: address),
            // A schema that has no type is a finding of the guards that need it (E315).
            let type = try? CELSchema.argumentsType(of: schema)
        else { return }
        check(keys, in: type, "keys: \(named(address)) has no argument")
    }

    /// Compares `accepts` with the reviewed arguments, and `returns` with the reviewed result, if it has a schema: texts
    /// have none, and may be JSON.
    private mutating func checkValues(_ address: ToolAddress, _ entry: TypedValue) {
        let input = lock?.inputSchema(of: address)
        let output = lock?.tool(address)?.definition["outputSchema"]?.object
        for (key, schema, words) in [
            ("accepts", input, "\(named(address)) has no argument"),
            ("returns", output, "the result of \(named(address)) has no field"),
        ] {
            guard let schema, let type = try? CELSchema.argumentsType(of: schema) else { continue }
            for member in entry[key]?.members ?? [] {
                check(
                    member.value, in: type, "\(member.key): \(words)",
                    hasTexts: key == "returns")
            }
        }
    }

    /// - Parameter isOutside: true if outsiders wrote what the tool returns, apart from its trusted fields.
    private mutating func checkFields(
        _ flow: ToolFlow, _ address: ToolAddress, _ provenance: TypedValue, isOutside: Bool
    ) {
        for item in provenance["trusted"]?.items ?? [] {
            guard let text = item.text else { continue }
            let path = FieldPath(text)
            if isOutside || flow.untrustedFields.contains(where: path.isBelow) {
                findings.add(
                    .trustedField, at: item,
                    "trusted: `\(text)` of \(address) counts as the organisation's, inside content of outsiders"
                )
            } else {
                reportUseless(item, text, address, "trusted", "already is")
            }
        }
        for item in provenance["untrusted"]?.items ?? [] {
            guard let text = item.text else { continue }
            let path = FieldPath(text)
            if isOutside, !flow.trustedFields.contains(where: path.isBelow) {
                reportUseless(item, text, address, "untrusted", "already is not trusted")
            }
        }
        guard let locked = lock?.tool(address) else { return }
        guard let schema = locked.definition["outputSchema"]?.object,
            let type = try? CELSchema.argumentsType(of: schema)
        else {
            findings.add(
                .unfitFlow, at: provenance,
                "provenance: \(named(address)) has no output schema by which its fields are known",
                help: "leave it out, and state `source` for the whole result")
            return
        }
        for key in ["trusted", "untrusted"] {
            guard let fields = provenance[key] else { continue }
            check(
                fields, in: type, "\(key): the result of \(named(address)) has no field",
                isNamed: key == "trusted")
        }
    }

    private mutating func reportUseless(
        _ item: TypedValue, _ text: String, _ address: ToolAddress, _ label: String,
        _ reason: String
    ) {
        findings.add(
            .flowWithoutEffect, at: item,
            "\(label): `\(text)` of \(address) \(reason), by its source", help: "leave it out")
    }

    /// Reports each path that leads to nothing.
    ///
    /// - Parameters:
    ///   - isNamed: true to report also a path through a part whose members the schema does not name.
    ///   - hasTexts: true if a path may lead to the texts of a result, which no schema has.
    private mutating func check(
        _ list: TypedValue, in type: CELType, _ problem: String, isNamed: Bool = false,
        hasTexts: Bool = false
    ) {
        for item in list.items {
            guard let text = item.text, !(hasTexts && text == ToolFlow.textsOfResult) else {
                continue
            }
            check(item, text, in: type, problem, isNamed: isNamed)
        }
    }

    private mutating func check(
        _ item: TypedValue, _ text: String, in type: CELType, _ problem: String, isNamed: Bool
    ) {
        var type = type
        for name in FieldPath(text).names {
            switch type.step(to: name, isNamed: isNamed) {
            case .found(let inner): type = inner
            case .missing(let names):
                return findings.add(
                    .unfitFlow, at: item, "\(problem) `\(text)`",
                    help: didYouMean(name, among: names))
            case .unnamed:
                return findings.add(
                    .unfitFlow, at: item, "\(problem) `\(text)` that was reviewed",
                    help: "the schema allows any name there: have it state `properties`")
            }
        }
    }

    private func named(_ address: ToolAddress) -> String {
        "\(address) (\(lock?.pin(of: address)?.prefixed.prefix(13) ?? "no pin"))"
    }
}

extension FieldPath {
    /// True if the path leads to a part of what the other one leads to.
    fileprivate func isBelow(_ other: FieldPath) -> Bool {
        names.count > other.names.count && names.starts(with: other.names)
    }
}

extension CELType {
    fileprivate enum Step {
        case found(CELType)
        case missing(among: [String])
        case unnamed
    }

    /// The first name of a path that leads to nothing, with the names that are there; nil if the path leads to a value.
    fileprivate func firstMissing(of path: FieldPath) -> (name: String, names: [String])? {
        var type = self
        for name in path.names {
            switch type.step(to: name, isNamed: false) {
            case .found(let inner): type = inner
            case .missing(let names): return (name, names)
            // Is a step only if names count.
            case .unnamed: return nil
            }
        }
        return nil
    }

    /// The type of a field of an object, or of the objects in a list, as `FieldPath` leads to it.
    ///
    /// - Parameter isNamed: true if only a field that the schema names counts.
    fileprivate func step(to name: String, isNamed: Bool) -> Step {
        var names: [String] = []
        var found: [CELType] = []
        var waiting = kinds
        while let kind = waiting.popLast() {
            switch kind {
            case .dyn: return isNamed ? .unnamed : .found(.dyn)
            case .list(let element): waiting += element.kinds
            case .map(_, let value):
                guard !isNamed else { return .unnamed }
                found.append(value)
            case .object(let object):
                names += object.fields.map(\.name)
                found += object.fields.filter { $0.name == name }.map(\.type)
            default: break
            }
        }
        return found.isEmpty ? .missing(among: names) : .found(.any(of: found))
    }
}
