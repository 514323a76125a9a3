/// The record of one agent, counted for its next stage.
package struct AgentCredit: Sendable {
    package let count: TrustCount
    /// The criteria of the next stage with their values; nil at the highest stage.
    package let assessment: TrustAssessment?
    /// The last change that reset or halved the credit; nil without one.
    package let lastChange: RecordedChange?
    /// False if the log does not reach back to the beginning: runs from before it are not counted.
    package let isWhole: Bool
    /// The version of the criteria file; nil without a file, so that the defaults are shown and no agent rises.
    package let criteria: String?

    package init(
        count: TrustCount, assessment: TrustAssessment?, lastChange: RecordedChange?,
        isWhole: Bool, criteria: String?
    ) {
        self.count = count
        self.assessment = assessment
        self.lastChange = lastChange
        self.isWhole = isWhole
        self.criteria = criteria
    }

    /// True if every criterion of the next stage is met, and a criteria file states them.
    package var isMet: Bool { criteria != nil && assessment?.isMet ?? false }
}
