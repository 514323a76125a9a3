/// The hash tree of RFC 6962, section 2.1.
enum Tree {
    static func leaf(_ bytes: ArraySlice<UInt8>) -> Digest { Crypto.sha256(prefix: [0x00], bytes) }

    static func node(_ left: Digest, _ right: Digest) -> Digest {
        Crypto.sha256(
            [UInt8](capacity: 1 + 2 * Digest.count) { output in
                output.append(0x01)
                left.append(to: &output)
                right.append(to: &output)
            })
    }

    static var empty: Digest { Crypto.sha256([]) }

    /// Returns the roots of the perfect subtrees that `nodes`, equal in height, form; the largest first.
    static func peaks(_ nodes: [Digest]) -> [Digest] {
        var peaks: [(size: Int, root: Digest)] = []
        for node in nodes {
            var peak = (size: 1, root: node)
            while let last = peaks.last, last.size == peak.size {
                peak = (2 * peak.size, Tree.node(last.root, peak.root))
                peaks.removeLast()
            }
            peaks.append(peak)
        }
        return peaks.map(\.root)
    }

    /// Returns the root above perfect subtrees of decreasing size.
    static func root(overPeaks peaks: [Digest]) -> Digest {
        guard var root = peaks.last else { return empty }
        for peak in peaks.dropLast().reversed() { root = node(peak, root) }
        return root
    }
}
