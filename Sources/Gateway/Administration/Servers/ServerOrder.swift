package import InterlockModel

extension ServerStatus {
    package typealias Sorting = ListOrder<Column>

    /// The columns by which the list of servers can be ordered.
    package enum Column: String, Sendable, CaseIterable {
        case server
        /// The worst state first.
        case state
        case pins
        /// The number of features that agents do not see.
        case hidden
        /// The number of breakers that are not closed.
        case breakers
    }
}

extension [ServerStatus] {
    /// The servers in an order; in the order that they have if it is nil.
    package func ordered(by order: ServerStatus.Sorting?) -> [ServerStatus] {
        guard let order else { return self }
        return switch order.column {
        case .server: order.sorted(self) { $0.name }
        case .state: order.sorted(self) { ServerStatus.State.texts.firstIndex(of: $0.state.text) }
        case .pins: order.sorted(self) { $0.pins }
        case .hidden: order.sorted(self) { $0.hidden.count }
        case .breakers: order.sorted(self) { $0.breakers.count }
        }
    }
}
