package import InterlockApprovals

extension Problem {
    package init(_ refusal: ServerRefusal) {
        switch refusal {
        case .notEligible: self.init(.notEligible, "\(refusal)")
        case .noOpenBreaker: self.init(.noOpenBreaker, "\(refusal)", help: "interlock breakers")
        case .notRecorded: self.init(.notRecorded, "\(refusal)")
        case .order(let order): self.init(order)
        case .staleOrder: self.init(.staleOrder, "\(refusal)")
        case .quarantine(let refusal): self.init(refusal)
        }
    }
}
