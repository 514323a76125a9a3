/// A caller of a pool, by its number in the order of arrival.
struct PoolCaller: Hashable, Sendable {
    let number: Int64
}

/// The reason why the pool sent nothing for a caller.
enum PoolRefusal: Hashable, Sendable {
    /// The most callers wait already.
    case full
    /// No connection was free in time.
    case late
    /// The pool is closed.
    case closed

    var failure: StoreCallFailure {
        switch self {
        case .full: .busy("too many callers wait for the store")
        case .late: .busy("no connection to the store was free in time")
        case .closed: .busy("the connections to the store are closed")
        }
    }
}
