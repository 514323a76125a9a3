/// Returns a help line with the candidate closest to what a person typed.
///
/// - Returns: nil if no candidate is within two edits (one for words of fewer than four bytes), so that no suggestion
///   is absurd.
package func didYouMean(_ text: String, among candidates: some Sequence<String>) -> String? {
    let typed = Array(text.utf8.prefix(64))
    let allowed = typed.count < 4 ? 1 : 2
    var best: (distance: Int, name: String)?
    for name in candidates {
        let other = Array(name.utf8)
        guard abs(other.count - typed.count) <= allowed else { continue }
        let distance = editDistance(typed, other)
        guard distance <= allowed else { continue }
        if let known = best, (known.distance, known.name) <= (distance, name) { continue }
        best = (distance, name)
    }
    return best.map { "did you mean `\($0.name)`?" }
}

/// Returns the number of insertions, deletions, substitutions and swaps of neighbours (optimal string alignment).
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in 0..<a.count {
        var row = [i + 1]
        for j in 0..<b.count {
            var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                cost = min(cost, beforeLast[j - 1] + 1)
            }
            row.append(cost)
        }
        beforeLast = last
        last = row
    }
    return last[b.count]
}
