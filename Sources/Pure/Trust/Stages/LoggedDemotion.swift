import InterlockJSON
package import InterlockLedger
package import InterlockModel

/// The demotion of an agent as a record `trust.demoted` tells it, which is written before its entry in the control log.
package struct LoggedDemotion: Sendable, Hashable {
    package let agent: AgentName
    /// Its time is that of the record.
    package let demotion: StageDemotion

    /// - Returns: nil for a record of another type, and for one that this version cannot read.
    package init?(_ record: StoredRecord) {
        guard record.type == RecordType.trustDemoted.rawValue, let time = record.time,
            let agent = record.text("agent").flatMap({ AgentName($0) }),
            let trigger = record.text("code").flatMap({ DemotionTrigger(rawValue: $0) }),
            let from = record.text("from").flatMap({ AutonomyStage(name: $0) }),
            let to = record.text("to").flatMap({ AutonomyStage(name: $0) }),
            let until = record["until"]?.integer, to <= from
        else { return nil }
        let cause = record.digest("h")
        guard record["h"] == nil || cause != nil else { return nil }
        self.agent = agent
        demotion = StageDemotion(
            trigger, from: from, to: to, at: time,
            cooldownEnd: Timestamp(microseconds: until), cause: cause)
    }
}

extension StageHistory {
    /// Returns true if a demotion on record is not among these, so that a start would give back what it took: nothing of
    /// them has its cause, or is as low or as long. One from before the last promotion was there when people decided.
    package func lacks(_ logged: StageDemotion) -> Bool {
        if let promotion, logged.at < promotion.date { return false }
        if let cause = logged.cause { return !has(cause) }
        guard let cooldownEnd, cooldownEnd >= logged.cooldownEnd else { return true }
        return logged.to < earned(at: logged.at)
    }
}
