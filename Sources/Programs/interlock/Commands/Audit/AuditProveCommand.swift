import InterlockAdministration
import InterlockCommandLine
import InterlockCredentials
import InterlockEvidence
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockStore

extension Command {
    static let auditProve = Command(
        "audit prove [LEAF]", "give the proof of a record, or that one checkpoint extends another",
        example: "interlock audit prove 1042 -o 1042.proof",
        options: [.directory, .log] + Option.logKeys + [
            Option("--size N", "against the signed checkpoint of this size (default: the newest)"),
            Option("-o FILE", "write the proof there"),
            Option("--no-header", "without the first line, for programs that know none"),
            Option("--from CP1", "a signed checkpoint of this log"),
            Option("--to CP2", "a later one, which must extend it"),
        ],
        exits: [.no, .data, .notFound, .unavailable, .cannotCreate, .io],
        notes: """
            LEAF is an index, a leaf hash (base64 or hex), a call id or a decision id that names one \
            record. The proof is a C2SP tlog-proof; keep it beside the record's stored bytes \
            (`audit show LEAF --raw`). With --from and --to, -o writes what a witness takes \
            (`add-checkpoint`): the old size, the proof, the newer checkpoint.
            """
    ) { invocation in
        let log = try AuditLog(invocation)
        let keys = try log.keys()
        if let file = invocation["o"] { try OutputFile.requireFree(file) }
        switch (invocation.positional.first, invocation["from"], invocation["to"]) {
        case (let leaf?, nil, nil): return try prove(leaf, log, keys, invocation)
        case (nil, let from?, let to?):
            return try proveExtension(from: from, to: to, log, keys, invocation)
        default: throw Failure(.usage, "give a LEAF, or --from CP1 and --to CP2")
        }
    }
}

private func prove(
    _ name: String, _ log: AuditLog, _ keys: [VerifierKey], _ invocation: Invocation
) throws -> Exit {
    let size = try invocation.count("size")
    let entries = try reading { try log.reader.show(name) }
    guard let entry = entries.first else {
        throw Failure(.notFound, "there is no record `\(name)`")
    }
    guard entries.count == 1 else {
        let all = entries.map { String($0.index) }.joined(separator: ", ")
        throw Failure(.usage, "`\(name)` names \(entries.count) records", help: "one of \(all)")
    }
    if let size, entry.index >= size {
        throw Failure(.usage, "record \(entry.index) is beyond a log of \(size) records")
    }
    let proved = try reading {
        var prover = try log.reader.prover(
            size.map { .exactly($0) } ?? .atLeast(entry.index + 1), keys: keys,
            verifier: OpenSSLVerifier())
        return try prover.prove(entry)
    }
    guard let proved else { throw Failure(.notFound, "no checkpoint covers record \(entry.index)") }
    try AuditExport.record(kind: .prove, count: 1, query: invocation.query, from: log)
    let bytes = proved.proof.encoded(header: !invocation.has("no-header"))
    guard let file = invocation["o"] else {
        Output.bytes(bytes)
        return .ok
    }
    try OutputFile.write(bytes, to: file)
    Output.line("record \(entry.index) is in the log of \(proved.checkpoint.size) records")
    return .ok
}

private func proveExtension(
    from: String, to: String, _ log: AuditLog, _ keys: [VerifierKey], _ invocation: Invocation
) throws -> Exit {
    let (_, old) = try checkpoint(from, keys)
    let (note, new) = try checkpoint(to, keys)
    guard old.origin == new.origin else {
        throw Failure(.usage, "`\(from)` and `\(to)` are of different logs")
    }
    guard old.size <= new.size else {
        throw Failure(.usage, "`\(from)` is of a larger log than `\(to)`")
    }
    let proof: [Digest]? = try reading {
        var prover = try log.reader.prover(
            .atLeast(new.size), keys: keys, verifier: OpenSSLVerifier())
        guard try prover.root(at: old.size) == old.root, try prover.root(at: new.size) == new.root
        else { return nil }
        return old.size == 0
            ? [] : try prover.consistencyProof(oldSize: old.size, newSize: new.size)
    }
    guard let proof else {
        Output.line("BAD: `\(to)` does not extend `\(from)` by this log's records")
        return .no
    }
    Output.line("ok: \(to) (size \(new.size)) extends \(from) (size \(old.size))")
    let body = AddCheckpoint.body(oldSize: old.size, proof: proof, note: note)
    guard let file = invocation["o"] else {
        for hash in proof { Output.line(hash.base64) }
        return .ok
    }
    try OutputFile.write(body, to: file)
    return .ok
}

private func checkpoint(
    _ path: String, _ keys: [VerifierKey]
) throws(Failure) -> (note: [UInt8], head: Checkpoint) {
    let note = try File.evidence(path, limit: SignedNote.maximumBytes)
    do throws(NoteError) {
        return (note, try Checkpoint(signed: note, keys: keys, verifier: OpenSSLVerifier()))
    } catch {
        throw Failure(.data, "`\(path)` is no checkpoint signed by a key of the log")
    }
}
