package import InterlockModel

extension Ternary {
    /// A condition that is true for times in `[from, until)`.
    package init(from: Timestamp, until: Timestamp) {
        func times(_ lower: Double, _ upper: Double) -> Cube? {
            Cube([
                .now: Constraint(.number, numbers: NumberSet(.time, from: lower, through: upper))
            ])
        }
        // The window opens at the first whole millisecond within it.
        let first = (Double(from.microseconds) / 1000).rounded(.up)
        let end = (Double(until.microseconds) / 1000).rounded(.up)
        let inside = Region([times(first, end - 1)])
        let outside = Region([
            times(NumberGrid.time.lowest, first - 1), times(end, NumberGrid.time.highest),
        ])
        self.init(
            isTrue: inside, isFalse: outside, isError: .nothing, isNotTrue: outside,
            isNotFalse: inside)
    }
}
