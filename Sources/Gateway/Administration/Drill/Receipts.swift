package import InterlockModel
import Synchronization

/// The calls that reached the counting server, with their times.
package final class Receipts: Sendable {
    struct Arrival: Sendable {
        let pointClass: String
        /// The number that the canary gave the call.
        let number: Int64
        let at: BootTime
    }
    private let list = Mutex<[Arrival]>([])

    package init() {}

    package func add(_ pointClass: String, _ number: Int64, at: BootTime) {
        list.withLock { $0.append(Arrival(pointClass: pointClass, number: number, at: at)) }
    }

    func all(of pointClass: String) -> [Arrival] {
        list.withLock { $0.filter { $0.pointClass == pointClass } }
    }

    func count(of pointClass: String, after: BootTime? = nil) -> Int {
        all(of: pointClass).count { arrival in after.map { arrival.at > $0 } ?? true }
    }
}
