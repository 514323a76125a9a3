import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPolicy
import InterlockSafety

extension Gateway {
    /// Counts the run of a call as tainted if the call can bring it content that outsiders wrote, in one field at least.
    /// Called immediately before the call is sent: notifications and requests for input reach the agent before the
    /// result does, and the result of a coding agent's own tool may reach its model although no hook reports it: until
    /// one does, the run counts as hostile. The read of a preview is for people alone.
    ///
    /// - Returns: the search for markers in what the call brings. If it is nil, the content is not searched, and the run
    ///   counts as hostile, unless the content is the organisation's own.
    func noteReading(of cleared: ClearedCall) -> MarkerSearch? {
        let call = cleared.call
        let run = call.principal.run
        guard !call.isPreview else { return nil }
        let policy = policy.snapshot(for: call.principal.agent)
        let isSearched = policy.agents[call.principal.agent]?.spec.taint != nil
        // The result of a coding agent's own tool is in no index, so that it may bring the run any value.
        let isUnseen = call.host != nil && !runs.labelled.isEmpty
        // An awaited read does not suffice: it may settle as a lower level than this one.
        guard isSearched || isUnseen || runs.tainted.settledLevel(of: run) < .hostile else {
            return nil
        }
        let isInternal = readsInternally(cleared, under: policy)
        // A schema may show that an answer has no text. A message of the server before it ends the wait.
        let isDeferred = isSearched && !isInternal && cleared.resolved.outputSchema != nil
        if !isInternal {
            if isUnseen { runs.labelled.update(run) { $0.lose() } }
            let read = UntrustedRead(call: call.id, address: cleared.address, at: clock.wall)
            if isSearched, call.host != nil {
                runs.tainted.expect(read, of: call.id, in: run, worst: .hostile)
            }
            if isDeferred {
                runs.tainted.expect(read, of: call.id, in: run, worst: .untrusted)
            } else {
                runs.tainted.add(run, read, level: isSearched ? .untrusted : .hostile)
            }
        }
        // Results of a coding agent about its workspace are searched as well: anyone may have written a file.
        guard isSearched, !isInternal || call.host != nil else { return nil }
        return MarkerSearch(
            call: call.id, agent: call.principal.agent, address: cleared.address, run: run,
            runs: runs.tainted, queue: markerQueue, clock: clock, isDeferred: isDeferred,
            tools: { self.toolNames(of: call.principal.agent, besides: cleared.address.server) })
    }

    /// Returns true if all that the call can read is the organisation's own, as far as the policy in force says so.
    private func readsInternally(_ cleared: ClearedCall, under policy: PolicySnapshot) -> Bool {
        if cleared.call.host != nil {
            return HostServer.readsWorkspaceAlone(cleared.address, cleared.resolved.arguments)
        }
        return policy.contentSource(of: cleared.address).isTrustedWhole
    }

    /// Returns the names by which a text may mean the agent's tools on other servers, in lower case.
    private func toolNames(of agent: AgentName, besides server: ServerName) -> Set<ExactText> {
        let policy = policy.snapshot(for: agent)
        let tools = visible(to: agent, within: nil, for: nil, at: nil, under: policy)
            .filter { $0.kind == .tool && $0.server != server }
        return Set(
            texts: tools.flatMap { tool in
                [tool.tool.text, tool.wireName, tool.description].map { $0.lowercased() }
            })
    }
}

extension ResolvedCall {
    /// The reviewed schema of the tool's structured results; nil for other calls, and for a tool without one.
    var outputSchema: JSONObject? {
        guard call.method == .callTool, call.host == nil, case .tool(let tool)? = pin else {
            return nil
        }
        return tool.definition.outputSchema
    }
}
