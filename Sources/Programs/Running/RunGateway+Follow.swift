import Glibc
import InterlockCommandLine
import InterlockModel

extension RunGateway {
    /// Asks the gateway until it says that the run is to end. While it cannot be reached, the command continues without
    /// network, as long as the lease of the run permits (`RunLease`). Called as soon as the run has begun: a supervisor
    /// that does not ask counts as gone.
    func follow(_ run: RunID, _ events: RunEvents, _ network: RunNetwork) {
        let gateway = self
        let isStarted = startThread {
            while true {
                do throws(RunGateway.Refusal) {
                    let halt = try gateway.wait(for: run, written: events.written)
                    network.noteResponse()
                    if let halt { return events.add(.stop(.halt(halt))) }
                } catch {
                    if error.isUnknownRun { return events.add(.stop(.gateway)) }
                    usleep(250_000)
                }
            }
        }
        if !isStarted { events.add(.stop(.fault)) }
    }
}
