import InterlockMonitoring

extension Invariants {
    /// Baselines that were read can be written and read again, and yield numbers.
    package static func baseline(_ bytes: [UInt8]) {
        var monitor = AgentMonitor(DetectorSettings(), seconds: 0)
        do throws(MonitorUnreadable) { try monitor.restore(bytes) } catch { return }
        let written = monitor.learned
        var again = AgentMonitor(DetectorSettings(), seconds: 0)
        do throws(MonitorUnreadable) { try again.restore(written) } catch {
            preconditionFailure("what was written cannot be read")
        }
        precondition(again.learned == written, "baselines have one spelling once they were written")
        for window in Int64(1)...3 {
            again.observe(.calls, 1_000)
            for alarm in again.close(seconds: window * 60, hour: 0, isHeld: false) {
                precondition(!alarm.expected.isNaN && !alarm.chance.isNaN, "an alarm has numbers")
            }
        }
    }
}
