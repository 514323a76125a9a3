/// Checks that each control names tests, records and reviews that are in the pack, and that its status follows from them.
enum PackReferences {
    /// The age from which a self-test shows nothing any more, in microseconds.
    static let maximumAge: UInt64 = 7 * 24 * 3600 * 1_000_000
    static let controls = 24

    static func check(
        _ controls: [(String, PackControl)], _ statements: PackStatements,
        _ manifest: PackManifest, _ records: PackRecords
    ) throws(PackFault) {
        for number in 1...PackReferences.controls {
            let id = number < 10 ? "C0\(number)" : "C\(number)"
            guard controls.contains(where: { $0.1.id == Octets(id) }) else {
                throw .file("controls/\(id).json", "it is missing")
            }
        }
        guard controls.count == PackReferences.controls else {
            throw .file(PackFiles.manifest, "the pack has more controls than C01 to C24")
        }
        try checkSelfTest(statements, records)
        for (name, control) in controls {
            do throws(Fault) {
                try checkTests(control, statements, manifest)
                try checkSamples(control, records)
                for review in control.reviews where !statements.reviews.contains(review) {
                    throw Fault("it names the review `\(review)`, which the pack does not have")
                }
                if control.status == .gap, control.gaps == 0 {
                    throw Fault("it is a gap, and does not say which")
                }
            } catch { throw .file(name, "\(error)") }
        }
        let statuses = controls.map { $0.1.status }
        let expected = [manifest.enforced, manifest.gaps, manifest.guidance]
        let found = [PackControl.Status.enforced, .gap, .guidance].map { status in
            UInt64(statuses.count { $0 == status })
        }
        guard expected == found else {
            throw .file(
                PackFiles.manifest, expected: "enforced, gap, guidance \(expected)",
                found: "\(found)")
        }
    }

    /// Checks that the results of the self-test are those of a record of the pack, as far as it states them: its time, and
    /// what did not pass.
    private static func checkSelfTest(
        _ statements: PackStatements, _ records: PackRecords
    ) throws(PackFault) {
        guard let selfTest = statements.selfTest else { return }
        let name = PackStatements.deploymentName
        guard let found = records.all[selfTest.leaf], found.index == selfTest.index,
            found.record.type == "selftest.result"
        else { throw .file(name, "the record of its self-test is not in the pack") }
        guard selfTest.at == found.record.time / 1_000_000 * 1_000_000 else {
            throw .file(name, "its record is of another time")
        }
        guard let failed = PackForm.texts(found.record.fields, "codes") else {
            throw .file(name, "its record does not state what failed")
        }
        for test in failed where statements.deployment?[test] == true {
            throw .file(name, "the test `\(test)` failed by its record")
        }
    }

    private static func checkTests(
        _ control: PackControl, _ statements: PackStatements, _ manifest: PackManifest
    ) throws(Fault) {
        for test in control.tests {
            let results = test.isRelease ? statements.release : statements.deployment
            guard let isPassed = results?[test.id] else {
                throw Fault("it names the test `\(test.id)`, of which the pack has no result")
            }
            guard isPassed == test.isPassed else {
                throw Fault("it states another result of the test `\(test.id)`")
            }
            guard test.isRelease || test.at == statements.selfTest?.at else {
                throw Fault("it states another time of the test `\(test.id)`")
            }
        }
        guard control.status == .enforced else { return }
        guard !control.tests.isEmpty, control.tests.allSatisfy(\.isPassed) else {
            throw Fault("it is enforced, and not all of its tests passed")
        }
        let isFresh = control.tests.contains { test in
            test.at.map { $0 <= manifest.built && manifest.built - $0 < maximumAge } ?? false
        }
        guard control.tests.contains(where: \.isRelease), isFresh else {
            throw Fault(
                "it is enforced without a passed test of the release, or without one of the "
                    + "deployment that is younger than 7 days")
        }
        try checkCounts(control)
    }

    /// The types of records of which a control that is enforced has none.
    private static let violations = ["kill.violation", "redaction.failed", "run.degraded"]

    /// Checks that neither a gap nor a count of an enforced control contradicts it.
    private static func checkCounts(_ control: PackControl) throws(Fault) {
        guard control.gaps == 0 else { throw Fault("it is enforced, and states a gap") }
        for count in control.counts {
            switch count {
            case .leaf(let values, let number):
                let type = PackControl.Count.recordType(in: values)
                if number > 0, let type, violations.contains(type.description) {
                    throw Fault("it is enforced, and \(number) records `\(type)` contradict it")
                }
            case .check(let rule, let number):
                guard number == 0 else {
                    throw Fault("it is enforced, and `\(rule)` found \(number) records")
                }
            case .replay: break
            }
        }
    }

    private static func checkSamples(
        _ control: PackControl, _ records: PackRecords
    ) throws(Fault) {
        var seen: Set<Digest> = []
        for sample in control.samples {
            guard let record = records.all[sample.leaf], record.index == sample.index else {
                let found = records.all[sample.leaf]?.index ?? 0
                throw Fault(
                    "the record \(sample.leaf.hex): expected index \(sample.index), "
                        + "found \(found)")
            }
            guard seen.insert(sample.leaf).inserted else {
                throw Fault("it names the record \(sample.leaf.hex) twice")
            }
        }
    }
}
