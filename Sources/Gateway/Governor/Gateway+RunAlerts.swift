package import InterlockAlerts
package import InterlockModel

extension Gateway {
    /// Raises an alert about a run, of which the owner of its agent is notified too.
    ///
    /// - Parameter severity: nil for the default of the code.
    package func raise(
        alarm code: String, about run: RunID, of agent: AgentName, _ severity: AlertSeverity? = nil
    ) {
        var alarm = records.alarm(code, subject: agent.text)
        alarm.agent = agent
        alarm.run = run
        alarm.severity = severity
        raise(alarm)
    }
}
