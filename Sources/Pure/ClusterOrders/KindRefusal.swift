import InterlockApprovals
import InterlockModel
import InterlockPolicy

/// The refusal of an order of one kind. It is one of any signed order, or a rule of the kind.
protocol KindRefusal: SignedOrderRefusal, CustomStringConvertible {
    /// Is nil if a rule of the kind refuses the order.
    var ofAnyOrder: OrderRefusal? { get }
}

extension PeopleRefusal: KindRefusal {
    var ofAnyOrder: OrderRefusal? { if case .order(let refusal) = self { refusal } else { nil } }
}

extension ServerRefusal: KindRefusal {
    var ofAnyOrder: OrderRefusal? { if case .order(let refusal) = self { refusal } else { nil } }
}

extension RunRefusal: KindRefusal {
    var ofAnyOrder: OrderRefusal? { if case .order(let refusal) = self { refusal } else { nil } }
}

extension ElevationRefusal: KindRefusal {
    var ofAnyOrder: OrderRefusal? { if case .order(let refusal) = self { refusal } else { nil } }
}
