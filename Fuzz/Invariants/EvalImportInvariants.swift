import InterlockCredentials
import InterlockEvals
import InterlockModel
import InterlockScanning

extension Invariants {
    /// Archives keep their limits and unpack to the sizes that they state; a run of another tool has cases, and makes an
    /// import that is read again; an import has one spelling.
    package static func evalImport(_ bytes: [UInt8]) {
        let hashing = OpenSSLHashing()
        let inflater = ZlibInflater()
        if let archive = try? ZipArchive(parsing: bytes) { check(archive, inflater) }
        if let run = try? InspectLog.read(bytes, inflate: { inflater.whole($0, most: $1) }) {
            check(run, .inspect, of: bytes)
        }
        if let run = try? PromptfooFile.read(bytes) { check(run, .promptfoo, of: bytes) }
        if let read = try? EvalImport(parsing: bytes, hashing: hashing) {
            precondition((try? read.canonical()) == bytes, "an import has one spelling")
            precondition(
                read.fingerprint == read.parts.digest(hashing: hashing),
                "the fingerprint is that of the parts")
        }
        precondition(
            (try? EvalImport(parsing: bytes, hashing: hashing)) == nil
                || (try? EvalResult(parsing: bytes, hashing: hashing)) == nil,
            "no bytes are an import and a result")
    }

    private static func check(_ archive: ZipArchive, _ inflater: ZlibInflater) {
        precondition(archive.entries.count <= ZipArchive.mostEntries, "entries are bounded")
        let total = archive.entries.reduce(0) { $0 + $1.size }
        precondition(total <= ZipArchive.mostUnpacked, "the unpacked size is bounded")
        for entry in archive.entries {
            precondition(
                !entry.name.hasPrefix("/") && !entry.name.hasPrefix("../")
                    && !entry.name.contains("/../"), "a name is a path inside")
            let contents = try? archive.contents(of: entry) { inflater.whole($0, most: $1) }
            precondition(contents.map { $0.count == entry.size } ?? true, "a size is as stated")
        }
    }

    private static func check(
        _ run: ImportedRun, _ format: EvalImport.Format, of bytes: [UInt8]
    ) {
        let hashing = OpenSSLHashing()
        precondition(run.cases >= 1 && run.cases <= run.trials, "a run has cases")
        precondition(!run.scorers.isEmpty, "a run has a scorer")
        for scorer in run.scorers {
            precondition((scorer.rate?.total ?? 0) <= run.cases, "a rate is of the cases")
        }
        guard let agent = AgentName("refunds"), let by = Person("dana@acme.example") else { return }
        let digest = hashing.sha256(bytes)
        let made = EvalImport(
            run, format: format,
            parts: AgentFingerprint(
                agent: agent, model: digest, policy: digest, prompt: digest, skills: digest,
                tools: digest), original: digest, by: by, imported: run.ended, hashing: hashing)
        guard let payload = try? made.canonical(), payload.count <= EvalImport.largest else {
            return
        }
        precondition(
            (try? EvalImport(parsing: payload, hashing: hashing)) == made,
            "an import is read again")
    }
}
