package import InterlockEvals
package import InterlockPolicy

/// Reads `trust/criteria.yaml`. A file with an error is refused whole, since a number that was left out would have
/// its default.
package struct TrustCriteriaReading: Sendable {
    /// The criteria, or nil if any finding is an error.
    package let criteria: TrustCriteria?
    package let findings: [Finding]

    package init(_ file: ParsedEvalFile) {
        var reader = CriteriaReader(file: file.path)
        reader.findings.add(contentsOf: file.findings)
        let read = reader.read(file)
        findings = reader.findings.all
        criteria = reader.findings.hasErrors ? nil : read
    }
}

private struct CriteriaReader {
    let file: String
    var findings = Findings()

    /// The largest rate: a criterion with a higher one would hardly be one.
    private static let mostRate = 5_000

    init(file: String) { self.file = file }

    mutating func read(_ file: ParsedEvalFile) -> TrustCriteria? {
        guard let root = file.root else { return nil }
        var typing = Typing(file: file.path)
        let typed = typing.type(
            root, as: .record(TrustCriteriaSchema.criteria), path: "", label: "criteria")
        findings.add(contentsOf: typing.findings.all)
        guard let value = typed else { return nil }
        var criteria = TrustCriteria.standard
        readHead(value, &criteria)
        readMinimums(value["minimums"], &criteria.minimums)
        readStep(value["stages"]?["assisted"], &criteria.stages.assisted)
        readStep(value["stages"]?["bounded"], &criteria.stages.bounded)
        readStep(value["stages"]?["full"], &criteria.stages.full)
        readAlways(value["always"], &criteria)
        read(value["expiry"]?["assisted"], &criteria.expiry.assisted)
        read(value["expiry"]?["bounded"], &criteria.expiry.bounded)
        read(value["expiry"]?["full"], &criteria.expiry.full)
        read(value["cooldown"]?["default"], &criteria.cooldown)
        read(value["cooldown"]?["incident"], &criteria.cooldownAfterIncident)
        guard !findings.hasErrors else { return nil }
        checkMinimums(criteria, value)
        checkOrder(criteria, value)
        return criteria
    }

    private mutating func readHead(_ value: TypedValue, _ criteria: inout TrustCriteria) {
        if let version = value["version"], let text = version.text {
            if (1...64).contains(text.utf8.count) {
                criteria.version = text
            } else {
                findings.add(
                    .outOfRange, at: version.place, path: version.path,
                    "version: expected 1 to 64 bytes")
            }
        }
        if let interval = value["interval"]?.text.flatMap({ TrustInterval(rawValue: $0) }) {
            criteria.interval = interval
        }
        read(value["per_cluster"], &criteria.perCluster)
        read(value["template_share"], &criteria.templateShare, most: 10_000)
    }

    private mutating func readMinimums(
        _ value: TypedValue?, _ minimums: inout TrustCriteria.Minimums
    ) {
        let least = TrustCriteria.Minimums.least
        read(value?["clean_runs"], &minimums.cleanRuns)
        read(value?["days"], &minimums.days)
        read(value?["templates"], &minimums.templates)
        check(value?["clean_runs"], minimums.cleanRuns, least: least.cleanRuns)
        check(value?["days"], minimums.days, least: least.days)
        check(value?["templates"], minimums.templates, least: least.templates)
    }

    private mutating func readStep(_ value: TypedValue?, _ step: inout TrustCriteria.Step) {
        read(value?["clean_runs"], &step.cleanRuns)
        read(value?["days"], &step.days)
        read(value?["templates"], &step.templates)
        read(value?["agent_denials"], &step.agentDenials, most: Self.mostRate)
        read(value?["approvals_rejected"], &step.approvalsRejected, most: Self.mostRate)
        if value?["requires"]?.text != nil { step.requiresSandbox = true }
    }

    private mutating func readAlways(_ value: TypedValue?, _ criteria: inout TrustCriteria) {
        read(value?["incidents"], &criteria.incidents)
        read(value?["incident_severity"], &criteria.incidentSeverity)
        read(value?["incident_window"], &criteria.incidentWindow)
        read(value?["owner_confirmed"], &criteria.ownerConfirmed)
    }

    private func read(_ value: TypedValue?, _ number: inout Int) {
        if let read = value?.integer { number = Int(read) }
    }

    private func read(_ value: TypedValue?, _ length: inout Duration) {
        if let seconds = value?.seconds { length = .seconds(seconds) }
    }

    private mutating func read(_ value: TypedValue?, _ rate: inout Fraction, most: Int) {
        guard let value, let text = value.text else { return }
        guard let read = Fraction(text), (1...most).contains(read.tenThousandths) else {
            let bound = most == 10_000 ? "1" : "0.5"
            findings.add(
                .outOfRange, at: value.place, path: value.path,
                "\(value.path): `\(text)` is not a number above 0 and at most \(bound) with at most four digits"
            )
            return
        }
        rate = read
    }

    private mutating func check(_ value: TypedValue?, _ number: Int, least: Int) {
        guard let value, number < least else { return }
        findings.add(
            .outOfRange, at: value.place, path: value.path,
            "\(value.path): \(number) is below \(least), the least that a file can state")
    }

    /// Reports the stages that demand less than the minimums of the file.
    private mutating func checkMinimums(_ criteria: TrustCriteria, _ root: TypedValue) {
        let least = criteria.minimums
        for (name, step) in steps(of: criteria) {
            let stage = root["stages"]?[name]
            for (key, number, bound) in [
                ("clean_runs", step.cleanRuns, least.cleanRuns),
                ("days", step.days, least.days), ("templates", step.templates, least.templates),
            ] where number < bound {
                let place = (stage?[key] ?? stage ?? root).place
                findings.add(
                    .outOfRange, at: place, path: "stages.\(name).\(key)",
                    "stages.\(name).\(key): \(number) is below the minimum \(bound)")
            }
        }
    }

    /// Reports a stage that demands less than the stage below it.
    private mutating func checkOrder(_ criteria: TrustCriteria, _ root: TypedValue) {
        let all = steps(of: criteria)
        for (below, above) in zip(all, all.dropFirst()) {
            let (low, high) = (below.step, above.step)
            let stage = root["stages"]?[above.name]
            for (key, isLess) in [
                ("clean_runs", high.cleanRuns < low.cleanRuns), ("days", high.days < low.days),
                ("templates", high.templates < low.templates),
                ("agent_denials", high.agentDenials > low.agentDenials),
                ("approvals_rejected", high.approvalsRejected > low.approvalsRejected),
            ] where isLess {
                let place = (stage?[key] ?? stage ?? root).place
                findings.add(
                    .outOfRange, at: place, path: "stages.\(above.name).\(key)",
                    "stages.\(above.name).\(key): demands less than stage `\(below.name)`")
            }
        }
    }

    private func steps(
        of criteria: TrustCriteria
    ) -> [(name: String, step: TrustCriteria.Step)] {
        [
            (name: "assisted", step: criteria.stages.assisted),
            (name: "bounded", step: criteria.stages.bounded),
            (name: "full", step: criteria.stages.full),
        ]
    }
}
