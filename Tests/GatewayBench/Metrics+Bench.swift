@testable import InterlockAdministration

extension Metrics {
    init(_ bench: Bench) {
        self.init(
            gateway: bench.gateway, approvals: bench.approvals, started: bench.clock.now)
    }
}
