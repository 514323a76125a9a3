import InterlockCluster

extension StatementRefusal {
    /// A rule of the kind can refuse what held when the people signed, so that is no fault of the node.
    init(_ refusal: some KindRefusal) {
        if let order = refusal.ofAnyOrder {
            self.init(order)
        } else {
            self = .unauthorized("\(refusal)")
        }
    }

    static let otherStatement = StatementRefusal.invalid("another kind of statement")
}
