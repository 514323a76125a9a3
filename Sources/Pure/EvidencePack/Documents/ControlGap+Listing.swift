import InterlockJSON
import InterlockModel

extension ControlGap {
    /// The most gaps that a control lists, and the most bytes of them: a verifier reads 4 MiB of a control.
    package static let mostListed = 10_000
    static let mostBytes = 3 << 20

    /// Returns the gaps that a control lists. If there are more than it can list, the first ones are listed, and one more
    /// sentence says how many there are and how many are left out.
    static func listed(_ gaps: [ControlGap]) -> [ControlGap] {
        var bytes = 0
        var listed: [ControlGap] = []
        for gap in gaps.prefix(mostListed) {
            bytes += gap.json.serialized().count
            guard bytes <= mostBytes else { break }
            listed.append(gap)
        }
        let left = gaps.count - listed.count
        guard left > 0 else { return gaps }
        return listed + [
            ControlGap(
                "\(left) of the \(gaps.count) gaps of this control are not listed here: a pack lists the first \(listed.count)."
            )
        ]
    }
}
