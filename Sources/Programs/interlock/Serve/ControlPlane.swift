import InterlockAdministration
import InterlockGovernor
import InterlockStore
import InterlockTransport

/// The threads of the operator and of people. None of them reads what agents or servers send, and agents' calls wait
/// for none of them.
///
/// The control loop accepts and reads the connections of the local socket, runs its halts and processes all orders.
/// The people loop does the same for the people plane, whose port any user of the machine can saturate: it runs halts
/// by page, `/healthz` and sign-ins. All other requests of people run on workers; disk work of an order runs on its
/// own thread.
struct ControlPlane: Sendable {
    let loops = LoopGroup(count: 1, name: "control")
    let people = LoopGroup(count: 1, name: "people")
    private let halts = WorkerPool("halt-pages", threads: 1, limit: 32)
    private let pages = WorkerPool("pages", threads: 2, limit: 64)
    private let local = WorkerPool("local", threads: 1, limit: 32)
    private let orders = JobThread("orders", limit: 64)

    var loop: EventLoop { loops.loops[0] }

    var peopleWorkers: LaneWorkers { LaneWorkers(halts: workers(halts), pages: workers(pages)) }

    var localWorkers: LaneWorkers { LaneWorkers(halts: workers(halts), pages: workers(local)) }

    /// The threads of the kill switch.
    var haltThreads: HaltThreads {
        let (loop, orders) = (loop, orders)
        return HaltThreads(pause: { await loop.sleep(for: $0) }, submit: { orders.submit($0) })
    }

    private func workers(_ pool: WorkerPool) -> RequestWorkers {
        RequestWorkers(pool) { pool.isFull }
    }

    /// Called after the listeners are closed.
    func close() { orders.close() }
}
