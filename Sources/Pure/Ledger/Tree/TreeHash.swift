package import InterlockModel

/// The hashes of an RFC 6962 tree (section 2.1): a leaf is SHA-256(0x00 || bytes), an inner node SHA-256(0x01 || left
/// || right), the empty tree SHA-256 of the empty string.
package struct TreeHash: Sendable {
    package let hashing: any Hashing
    package init(_ hashing: any Hashing) { self.hashing = hashing }

    package var emptyRoot: Digest { hashing.sha256([]) }

    package func leaf(_ bytes: some Collection<UInt8>) -> Digest {
        var input: [UInt8] = [0x00]
        input.reserveCapacity(bytes.count + 1)
        input += bytes
        return hashing.sha256(input)
    }

    /// Returns the leaf hash of a slice, without copying its bytes.
    package func leaf(_ bytes: ArraySlice<UInt8>) -> Digest {
        let mark = InlineArray<1, UInt8>(repeating: 0x00)
        return hashing.sha256(mark.span, bytes.span)
    }

    package func node(_ left: Digest, _ right: Digest) -> Digest {
        let input = InlineArray<65, UInt8> { output in
            output.append(0x01)
            left.append(to: &output)
            right.append(to: &output)
        }
        return hashing.sha256(input.span)
    }

    /// Returns the hash of a node over hashes of any length, as external proofs may contain them.
    func node(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        var input: [UInt8] = [0x01]
        input += left
        input += right
        return hashing.sha256(input).bytes
    }
}
