import InterlockModel

/// The gaps that follow from records which are not there.
package enum PeriodGaps {
    /// - Parameter hasChannels: true if alerts are sent to a channel of the deployment.
    package static func gaps(
        of control: ControlID, _ records: PeriodRecords, _ counter: EvidenceCounter,
        hasChannels: Bool
    ) -> [ControlGap] {
        switch control {
        case .c08:
            return counter.count(LeafQuery("kill.drill")) == 0
                ? [ControlGap("No drill of the kill switch is on record in the period.")] : []
        case .c09:
            return records.isCut
                ? [ControlGap("The pack does not name all statements and exceptions.")] : []
        case .c20:
            return records.unsignedPolicies.map {
                ControlGap("The policy \($0.prefixed) was in force without a signature.")
            }
        case .c21:
            return hasChannels
                ? [] : [ControlGap("No channel is configured that alerts are sent to.")]
        default: return []
        }
    }
}
