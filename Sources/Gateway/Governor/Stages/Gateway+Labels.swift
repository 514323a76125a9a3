import InterlockJSON
package import InterlockLedger
import InterlockMCP
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockSafety

extension Gateway {
    /// Returns the labels of the key values of a call, or nil if its agent's rule does not ask for them.
    ///
    /// - Parameters:
    ///   - pin: its input schema says which values are one of a list.
    ///   - isTainted: true if the run has read untrusted content. The words of the tool are then looked for in the user's
    ///     request.
    func labels(
        of request: DecisionRequest, _ pin: PinnedFeature?, by principal: Principal,
        under policy: PolicySnapshot, isTainted: Bool
    ) -> KeyLabels? {
        guard let agent = policy.agents[principal.agent], agent.readsLabels else {
            // A run whose agent has another rule now gets content that no index has.
            runs.labelled.remove(principal.run)
            return nil
        }
        guard begin(principal.run) else { return .unknown }
        let constants = LabelConstants(egress: agent.egress)
        let flow = policy.flow(of: request.address)
        return runs.labelled.read(principal.run) { index -> KeyLabels in
            let labels = index.labels(
                of: request.arguments, schema: pin?.inputSchema, keys: flow.keyPaths, constants)
            return labels.meant(byOneOf: flow.intent, in: index, isTainted: isTainted)
        } ?? .unknown
    }

    private func begin(_ run: RunID) -> Bool {
        runs.labelled.begin(run, ports.entropy) {
            runs.tainted.taint(of: run) != nil || runs.tainted.hasValues(run)
        }
    }

    /// Adds the user's own words to the index of a run. They must come from a channel that the agent cannot write.
    package func index(request text: String, of run: RunContext) {
        add(sensitiveRequest: text, of: run)
        guard readsLabels(of: run.agent), begin(run.run) else { return }
        let day = clock.wall.day
        runs.labelled.update(run.run) { $0.add(request: text, on: day) }
    }

    /// Adds what a call brings its run to the index, which has it on return. Must return before it can reach the agent.
    /// Long content is read by another thread than that of the call, which other agents share.
    ///
    /// - Parameter isAnswer: false for texts that a server sends before its answer, which are trusted in no case.
    func index(content: JSONValue, of recorded: RecordedCall, isAnswer: Bool = false) async {
        guard isLabelled(recorded) else { return }
        guard
            LabelIndex.isLong(content)
                || isAnswer && LabelIndex.isLong(recorded.resolved.arguments)
        else { return add(content, of: recorded, isAnswer: isAnswer) }
        await Task.detached { self.add(long: content, of: recorded, isAnswer: isAnswer) }.value
    }

    /// Adds what a server sends before its answer, without a wait. If it is long, the index is incomplete.
    func index(notice: JSONValue, of recorded: RecordedCall) {
        guard isLabelled(recorded) else { return }
        guard LabelIndex.isLong(notice) else {
            return add(notice, of: recorded, isAnswer: false)
        }
        guard !source(of: recorded).isTrustedWhole else { return }
        runs.labelled.update(recorded.call.principal.run) { $0.lose() }
    }

    private func isLabelled(_ recorded: RecordedCall) -> Bool {
        !runs.labelled.isEmpty && !recorded.call.isPreview && recorded.call.host == nil
    }

    private func source(of recorded: RecordedCall) -> ContentSource {
        policy.snapshot(for: recorded.call.principal.agent).contentSource(of: recorded.address)
    }

    private func parts(
        of content: JSONValue, from recorded: RecordedCall, isAnswer: Bool
    ) -> FieldAuthors.Split {
        let source = source(of: recorded)
        return isAnswer ? source.parts(ofAnswer: content) : source.parts(ofMessage: content)
    }

    private func add(_ content: JSONValue, of recorded: RecordedCall, isAnswer: Bool) {
        let parts = parts(of: content, from: recorded, isAnswer: isAnswer)
        let keys = keys(of: recorded)
        runs.labelled.update(recorded.call.principal.run) { index in
            if !parts.untrusted.isEmpty {
                index.add(
                    untrusted: .array(parts.untrusted), of: recorded.address.description,
                    isNamed: index.isNamed(by: recorded, keys))
            }
            if isAnswer, !parts.trusted.isEmpty {
                index.add(
                    trusted: .array(parts.trusted), answering: recorded.resolved.arguments)
            }
        }
    }

    /// Does the same as `add` with the index locked for short times only: other calls of the run need it.
    private func add(long content: JSONValue, of recorded: RecordedCall, isAnswer: Bool) {
        let run = recorded.call.principal.run
        let parts = parts(of: content, from: recorded, isAnswer: isAnswer)
        if !parts.untrusted.isEmpty {
            let keys = keys(of: recorded)
            let isNamed = runs.labelled.read(run) { $0.isNamed(by: recorded, keys) } ?? false
            runs.labelled.add(
                long: .array(parts.untrusted), to: run, of: recorded.address.description,
                isNamed: isNamed)
        }
        if isAnswer, !parts.trusted.isEmpty {
            runs.labelled.add(
                longTrusted: .array(parts.trusted), to: run, answering: recorded.resolved.arguments)
        }
    }

    private func keys(of recorded: RecordedCall) -> ValuePaths? {
        policy.snapshot(for: recorded.call.principal.agent).flow(of: recorded.address).keyPaths
    }

    /// Adds entries of a list, which their servers wrote and no person reviewed. Must return before the agent gets them.
    func index(
        listed entries: [(entry: JSONObject, server: ServerName)], for principal: Principal
    ) async {
        let untrusted = entries.filter { !isInternal($0.server, for: principal.agent) }
        guard !runs.labelled.isEmpty, !untrusted.isEmpty else { return }
        guard LabelIndex.isLong(.array(untrusted.map { .object($0.entry) })) else {
            for (entry, server) in untrusted {
                runs.labelled.update(principal.run) {
                    $0.add(untrusted: .object(entry), of: server.text, isNamed: false)
                }
            }
            return
        }
        await Task.detached {
            for (entry, server) in untrusted {
                self.runs.labelled.add(
                    long: .object(entry), to: principal.run, of: server.text, isNamed: false)
            }
        }.value
    }

    /// Begins the index of a run before it gets a list, if its agent's rule asks for labels.
    func beginLabels(for principal: Principal) {
        guard readsLabels(of: principal.agent) else { return }
        _ = begin(principal.run)
    }

    private func readsLabels(of agent: AgentName) -> Bool {
        policy.snapshot(for: agent).agents[agent]?.readsLabels == true
    }

    private func isInternal(_ server: ServerName, for agent: AgentName) -> Bool {
        policy.snapshot(for: agent).isInternal(server)
    }
}

extension LabelIndex {
    /// Returns true if a value of the user's request addressed what a call brings.
    ///
    /// - Parameter keys: the declared keys of its tool, or nil if none are declared.
    fileprivate func isNamed(by recorded: RecordedCall, _ keys: ValuePaths?) -> Bool {
        labels(
            of: recorded.resolved.arguments, schema: recorded.resolved.pin?.inputSchema,
            keys: keys, LabelConstants(egress: [])
        ).isOfRequest
    }
}

extension AgentEntry {
    /// True if the labels of values decide about the agent's calls.
    var readsLabels: Bool { spec.taint?.isStrict == false }
}

extension PinnedFeature {
    /// The schema that the arguments of a tool fit.
    var inputSchema: JSONValue? {
        if case .tool(let tool) = self { .object(tool.definition.inputSchema) } else { nil }
    }
}

extension KeyLabels {
    /// The labels of a call whose values cannot be looked up.
    static let unknown = KeyLabels(worst: .untrusted, values: [], count: 0, isOfRequest: false)

    /// Returns labels of which the worst is at least this bad.
    func atLeast(_ label: ValueLabel) -> KeyLabels {
        KeyLabels(
            worst: ValueLabel.worse(worst, label), values: values, count: count,
            isOfRequest: isOfRequest, missing: missing)
    }

    private static let longestPointer = 160

    /// The fact for approvers: the worst label, and the first values with their labels in words.
    var shown: JSONValue {
        var shown: JSONObject = ["worst": .string(worst.rawValue)]
        for value in values {
            // The agent's side may have chosen the names.
            shown[String(value.pointer.prefix(Self.longestPointer))] =
                .string(value.label.words(from: value.source))
        }
        // No pointer has this name: each begins with a slash.
        if !missing.isEmpty {
            let words = missing.joined(separator: ", ")
            shown["intent"] = .string("the request has none of: \(words)")
        }
        if count > values.count { shown["more"] = .integer(Int64(count - values.count)) }
        return .object(shown)
    }
}
