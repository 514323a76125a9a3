package import InterlockLimits
package import InterlockModel
package import InterlockPorts

extension ResultInspector {
    /// Inspects texts without a wait.
    ///
    /// - Returns: nil if they can only be inspected with one.
    func inspectAtOnce(_ texts: ResultTexts) -> ResultInspection? {
        inspectAtOnce(texts.texts, bytes: texts.bytes)
    }

    /// Inspects texts within a limit of time, the wait for other results included; then the inspection is late.
    ///
    /// - Parameters:
    ///   - agent: the agent that gets or sends the texts.
    ///   - shares: the searches of each agent. A late one counts until it has ended, since its texts are kept until then.
    /// - Returns: `busy` if the agent has its share already.
    package func inspect(
        _ texts: [String], within limit: Duration, of agent: AgentName,
        in shares: ShareLimiter<AgentName>
    ) async -> ResultInspection {
        guard shares.take(agent) else { return .failed(.busy) }
        let answer = FirstAnswer<ResultInspection>()
        let search = Task {
            let inspection = await inspect(texts, for: agent)
            shares.give(agent)
            answer.resolve(inspection)
        }
        let timer = Task {
            try? await Task.sleep(for: limit)
            answer.resolve(.failed(.late))
        }
        defer {
            timer.cancel()
            search.cancel()
        }
        return await answer.value()
    }
}
