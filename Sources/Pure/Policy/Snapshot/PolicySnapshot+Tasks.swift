package import InterlockModel

extension PolicySnapshot {
    /// The tasks of an agent, sorted by name.
    package func tasks(of agent: AgentName) -> [TaskSpec] {
        tasks.values.filter { $0.isOf(agent) }.sorted { $0.name < $1.name }
    }

    /// Returns the task that a declared purpose names, or nil for plain text and for none.
    ///
    /// - Throws: if the agent has tasks and the purpose is not one of them, or if it is a task of another agent. A
    ///   misspelt name would otherwise be plain text, which narrows nothing.
    package func task(
        of purpose: String?, for agent: AgentName
    ) throws(UnknownTask) -> RunTaskName? {
        guard let purpose else { return nil }
        let named = RunTaskName(purpose).flatMap { tasks[$0] }
        if let named, named.isOf(agent) { return named.name }
        let own = tasks(of: agent)
        guard named == nil, own.isEmpty else {
            throw UnknownTask(purpose: purpose, agent: agent, known: own.map(\.name))
        }
        return nil
    }

    /// Returns the task of a run: that of its credential or, if this was issued with other words as its purpose, the task
    /// that they name now. An agent with tasks has no other purposes, so words that name none of them are a task that it
    /// does not have.
    package func task(of principal: Principal) -> RunTaskName? {
        guard !tasks.isEmpty, case .text(let words)? = principal.declaredPurpose else {
            return principal.task
        }
        guard tasks.values.contains(where: { $0.isOf(principal.agent) }) else { return nil }
        return RunTaskName(words) ?? unusedTaskName
    }

    /// A name that no task of the policy has.
    private var unusedTaskName: RunTaskName? {
        for number in 0...tasks.count {
            if let name = RunTaskName("other-purpose-\(number)"), tasks[name] == nil { return name }
        }
        return nil
    }

    /// Returns true if a run with this task may use the tool, as far as the task is concerned. A run without one may; a
    /// task that the policy does not have, or that is another agent's, has no tool.
    package func isInTask(
        _ address: ToolAddress, _ task: RunTaskName?, of agent: AgentName
    ) -> Bool {
        guard let task else { return true }
        guard let spec = tasks[task], spec.isOf(agent) else { return false }
        return spec.contains(address)
    }
}

/// The refusal of a purpose that is no task of its agent.
package struct UnknownTask: Error, Hashable, Sendable, CustomStringConvertible {
    package let purpose: String
    package let agent: AgentName
    /// The agent's tasks, sorted; empty if the purpose is a task of another agent.
    package let known: [RunTaskName]

    package var description: String {
        known.isEmpty
            ? "the purpose `\(purpose)` is a task of another agent than `\(agent)`"
            : "unknown task `\(purpose)` of agent `\(agent)`"
    }

    package var help: String {
        known.isEmpty
            ? "state another purpose"
            : "tasks of `\(agent)`: " + known.map(\.text).joined(separator: ", ")
    }
}
