package import InterlockEvidencePack

extension ReadinessAnswer {
    /// The answer to whether a control of evidence packs has a gap, by its tests (docs/specs/evidence.md, section 7).
    ///
    /// - Parameter facts: nil if it is not known what was tested.
    package init(controls facts: ControlFacts?) {
        guard let facts else {
            self = .unknown("it is not known which controls have a gap")
            return
        }
        let open = ControlGaps.open(facts)
        guard let first = open.first else {
            self = .ok("each control has passed tests")
            return
        }
        let text = first.gaps.first?.text ?? ""
        let count = open.count == 1 ? "1 control has a gap" : "\(open.count) controls have a gap"
        self = .missing("\(count), the first is \(first.control.rawValue): \(text)")
    }
}
