import InterlockModel
package import InterlockPorts
import Synchronization

/// The kernel's answer in place of a supervisor that was killed (docs/specs/sandbox.md, section 13).
extension SandboxService {
    package func observe(_ ending: EndingSandboxes) {
        guard let processes else { return }
        for (run, stop) in ending.all where !stop.isDone && processes.isGone(run) {
            // The next sweep records its end, without waiting for the lease of a supervisor that has ended.
            table.withLock { $0.setGone(run) }
            report(run, left: 0)
        }
    }
}
