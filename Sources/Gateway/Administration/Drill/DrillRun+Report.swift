package import InterlockModel

extension DrillRun.Findings {
    package func report(
        id: OrderID, variant: DrillVariant, org: String, node: String, started: Timestamp,
        ended: Timestamp, version: String, policy: Digest, classes: [String], runBy: String,
        origin: String, root: Digest
    ) -> DrillReport {
        DrillReport(
            id: id, variant: variant, org: org, node: node, started: started, ended: ended,
            version: version, policy: policy, classes: classes, points: points,
            intents: intents, outcomes: outcomes, secondHaltChanged: secondHaltChanged,
            oneSignatureReleased: oneSignatureReleased, releaseMilliseconds: releaseMilliseconds,
            faults: faults, runBy: runBy, origin: origin, root: root)
    }
}
