package import InterlockCommandLine
package import InterlockModel

extension Invocation {
    /// Reads the statement in the file of `--cosign`, which states what AGENT and other options would.
    ///
    /// - Parameters:
    ///   - options: those that exclude `--cosign`.
    ///   - kind: the sentence's end, such as `no exception from evals`.
    /// - Throws: exit 64 with AGENT or one of the options, 65 if it is another file.
    package func cosigned<Statement>(
        _ path: String, without options: [String], _ kind: String,
        _ read: (Envelope) throws(FormError) -> Statement
    ) throws(Failure) -> (envelope: Envelope, statement: Statement) {
        let stated = options.first { has($0) }
        guard positional.isEmpty, stated == nil else {
            throw Failure(
                .usage, "`--cosign` takes a file alone",
                help: "leave out \(stated.map { "--" + $0 } ?? "AGENT"): the file states it")
        }
        let bytes = try FileFailure.exits(
            .data, try File.readRegular(path, limit: 64 << 10, followsLink: false))
        do throws(FormError) {
            let envelope = try Envelope(parsing: bytes)
            return (envelope: envelope, statement: try read(envelope))
        } catch {
            throw Failure(
                .data,
                "`\(TerminalEscaping.shown(path))` is \(kind): "
                    + TerminalEscaping.shown("\(error)"))
        }
    }
}
