package import InterlockLedger
package import InterlockModel

/// The facts that the leaves of a log do not have.
package protocol RunSource {
    /// The task in the input of a call's decision.
    ///
    /// - Returns: nil without a task, and if the input was erased or cannot be read: such runs share one template.
    mutating func task(of agent: AgentName, in record: StoredRecord) -> RunTaskName?

    /// The change between the files with which two sandboxed runs of an agent began. They differ.
    ///
    /// - Parameters:
    ///   - old: the record `run.start` of the earlier run.
    ///   - new: that of the later one.
    /// - Returns: `skills` or `prompt` if nothing else changed; `files` otherwise, and if the lists cannot be read.
    mutating func filesChange(
        from old: StoredRecord, to new: StoredRecord
    ) -> FingerprintChange

    /// The change of an agent between two policies of the log.
    ///
    /// - Parameter new: nil if the record does not name it.
    /// - Returns: one of the changes of policies; `policyNotComparable` if one of them cannot be read.
    mutating func change(
        of agent: AgentName, from old: Digest, to new: Digest?
    ) -> FingerprintChange
}
