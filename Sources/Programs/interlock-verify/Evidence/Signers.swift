/// The owners of the keys that signed in a chain, according to the auditor's file or to the log.
struct Signers {
    let people: People?
    let enrolments: Enrolments
    /// The log index of each record that is proved.
    let indices: [Digest: UInt64]

    enum Known {
        case byFile, byLogAlone, notAtAll
    }

    /// - Throws: if the key belongs to another person, or was enrolled only afterwards.
    func whose(
        _ signer: VoteEnvelope.Signer, _ person: Octets, _ link: Chain.Link
    ) throws(Fault) -> Known {
        let isEnrolled = enrolments.holds(signer, person, before: indices[link.hash])
        var isListed: Bool?
        // The file lists no passkeys.
        if let people, case .key(let key) = signer { isListed = people.holds(key, person) }
        guard isEnrolled != false, isListed != false else {
            throw Fault("the signer's key is not one of this person, or was not yet")
        }
        return isListed == true ? .byFile : isEnrolled == true ? .byLogAlone : .notAtAll
    }
}

/// The number of verified signatures, and the number of those with a known signer.
struct SignerCount {
    private(set) var signed = 0
    private var known = 0
    private var byLogAlone = 0

    mutating func add(_ signer: Signers.Known) {
        signed += 1
        if signer == .byFile { known += 1 }
        if signer == .byLogAlone { byLogAlone += 1 }
    }

    var statement: String { "\(signed) signatures verified, \(known) signers known" }

    func warn(_ what: String, _ findings: inout Findings) {
        if byLogAlone > 0 {
            findings.warn("\(byLogAlone) signers of \(what) are known by the log's word alone")
        }
        let unknown = signed - known - byLogAlone
        if unknown > 0 { findings.warn("\(unknown) signers of \(what) were not identified") }
    }
}
