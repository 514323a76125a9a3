import InterlockCluster

extension ClusterCallFailure {
    init(_ failure: StoreCallFailure) {
        switch failure {
        case .expelled(let reason): self = .refused(.expelled, reason: reason)
        case .noStandby(let reason): self = .refused(.noStandby, reason: reason)
        case .closed(let reason): self = .refused(.closed, reason: reason)
        case .notCompared(let reason): self = .refused(.notCompared, reason: reason)
        case .busy, .refused, .unknown: self = .unknown(failure.description)
        }
    }
}
