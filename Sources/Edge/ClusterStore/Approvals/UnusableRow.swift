import InterlockCluster
import InterlockPorts

/// A row from which nothing is permitted. Its alert has the reason.
struct UnusableRow: Error {
    let reason: String

    init(_ address: RowAddress, reason: String) { self.reason = "row void: \(address): \(reason)" }

    init(_ address: RowAddress, _ failure: ClusterCallFailure) {
        self.init(address, reason: failure.description)
    }

    init(_ address: RowAddress, _ rejection: RowRejection) {
        switch rejection {
        case .void(let row): self.init(row.address, reason: row.fault.description)
        case .behind(let number):
            self.init(
                address, reason: "it rests on entry \(number), which the store does not have")
        }
    }
}

extension StoreFailure {
    init(_ failure: ClusterCallFailure) {
        let mayPass =
            switch failure {
            case .refused, .unknown: true
            case .unfit, .unreadable: false
            }
        self.init(reason: failure.description, mayPass: mayPass)
    }
}
