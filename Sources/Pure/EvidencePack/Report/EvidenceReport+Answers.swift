import InterlockJSON

// The answers for questionnaires.
extension EvidenceReport {
    /// The answer in a line about a control, or about an item of a framework by the controls that speak to it; nil for an
    /// id that is neither.
    package func answer(_ id: String) -> String? {
        if let control = controls.first(where: { sameBytes($0.id.rawValue, id) }) {
            return answer(about: control)
        }
        let maps = controls.flatMap { control in
            control.frameworks.filter { $0.items.contains { sameBytes($0, id) } }.map(\.id)
        }
        guard let map = maps.first else { return uncoveredAnswer(id) }
        let named = controls.filter { control in
            control.frameworks.contains { map in map.items.contains { sameBytes($0, id) } }
        }
        let answers = named.map { "\($0.id.rawValue): \(answer(about: $0))" }
        return "\(id)\(marks(map)) of \(map). " + answers.joined(separator: " ")
    }

    private func answer(about control: ControlFile) -> String {
        let gaps = control.gaps.map { "Gap: \($0.text)" }
        return
            "\(control.statement) Status: \(control.status.text). "
            + (gaps + ["See \(PackFileName.control(control.id))."]).joined(separator: " ")
    }

    private func uncoveredAnswer(_ id: String) -> String? {
        for map in frameworks {
            guard let item = map.uncovered.first(where: { sameBytes($0.id, id) }) else { continue }
            return
                "\(id)\(marks(map.id)) of \(map.id): no control of this pack speaks to it (\(item.coverage))."
        }
        return nil
    }
}
