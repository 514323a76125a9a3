/// The progress of edits in a text, a range of it after another.
struct EditProgress: Sendable {
    /// The offset behind what was searched for edits.
    var end = 0
    /// The last characters before `end` if each of them may be edited, and matters only where another edit is near.
    var chain = 0..<0
}

extension ViewDecoder {
    /// Adds the parts of a text in which something is edited, with their surroundings.
    ///
    /// - Parameters:
    ///   - progress: the end of what was edited before; edits behind the range are made if they are near one in it, and
    ///     are not made again.
    ///   - end: the end of the range.
    ///   - limits: the range that may be read.
    func edit(
        _ text: Span<UInt8>, from progress: inout EditProgress, to end: Int,
        within limits: Range<Int>, to layer: inout DecodedLayer
    ) {
        var index = progress.end
        var chain = progress.chain
        // The characters before it are edited, as an edit that follows them matters.
        var chosen = index
        // The end of the last edit, and of the part that is open.
        var copied = limits.lowerBound
        var open: Int?
        while !layer.isFull {
            let stop = max(end, open ?? 0)
            guard index < stop else { break }
            index = text.firstEdit(in: index..<stop)
            guard index < stop else { break }
            guard let edit = TextEdit(in: text, at: index, limits) else {
                index += 1
                continue
            }
            let isNear = index < open ?? 0
            let isSeed = edit.isSeed || index < chosen
            guard isNear || isSeed && index < end else {
                let isNext = chain.upperBound == index && !chain.isEmpty
                chain = (isNext ? chain.lowerBound : index)..<index + edit.length
                index += edit.length
                continue
            }
            if !isNear {
                if edit.isSeed, chain.upperBound == index, !chain.isEmpty {
                    // The characters before the edit, without a gap, belong to the same value.
                    (chosen, index) = (index, chain.lowerBound)
                    chain = 0..<0
                    continue
                }
                if let reach = open {
                    layer.copy(copied..<max(copied, reach), of: text)
                    layer.endPart()
                }
                // Parts may have the same surroundings; no edit lies in them.
                copied = max(copied, index - Self.context)
            }
            layer.copy(copied..<index, of: text)
            layer.append(edit, at: index)
            index += edit.length
            copied = index
            let reach = min(limits.upperBound, index + Self.context)
            open = isSeed ? reach : max(open ?? 0, index)
        }
        if let reach = open {
            layer.copy(copied..<max(copied, reach), of: text)
            layer.endPart()
        }
        progress.end = index
        progress.chain = chain
    }
}
