import InterlockCluster
import InterlockCommandLine
import InterlockCredentials
import InterlockModel

/// The file of an order about members, as commands read, show and write it.
extension MemberFile {
    /// Reads a file and verifies that each key of the node has signed the statement.
    ///
    /// - Throws: exit 66 if there is no such file, 65 if it is malformed or was edited.
    static func read(_ path: String) throws(Failure) -> MemberFile {
        let bytes: [UInt8]
        do throws(FileFailure) { bytes = try File.readRegular(path, limit: largest) } catch {
            throw Failure(error.isMissing ? .notFound : .io, error.message)
        }
        let file: MemberFile
        do throws(FormError) { file = try MemberFile(parsing: bytes) } catch {
            throw Failure(.data, "`\(path)` is no order about members: \(error)")
        }
        if let key = file.missingProof(OpenSSLVerifier(), hashing: OpenSSLHashing()) {
            throw Failure(
                .data, "`\(path)`: the node's key `\(key)` has not signed this statement",
                help: "the file was edited: take it from the node again")
        }
        return file
    }

    /// Returns what `make` makes of the words of a person. A member that is not acceptable is a usage error.
    static func made<Value>(_ make: () throws(FormError) -> Value) throws(Failure) -> Value {
        do throws(FormError) { return try make() } catch { throw Failure(.usage, "\(error)") }
    }

    /// Writes the file; durable on return.
    func write(to path: String) throws(Failure) {
        do throws(FileFailure) {
            try File.write(bytes, to: path)
            try File.syncFolder(of: path)
        } catch { throw Failure(.cannotCreate, error.message) }
    }

    /// The lines that people read before they sign.
    var lines: [String] {
        var lines: [String] = []
        switch statement {
        case .claim(let claim, _): lines.append("\(claim.keys.name) joins \(claim.org) by a permit")
        case .order(let order):
            switch order.change {
            case .found(let keys, let genesis, let hasStandby):
                lines = [
                    "\(keys.name) founds a cluster of \(order.org)",
                    "  starts from: \(genesis.prefixed)",
                    "  standby: \(hasStandby ? "required" : "none")",
                ]
            case .admit(let keys, let until):
                lines = [
                    "\(keys.name) joins \(order.org), until \(until.rfc3339(fractionDigits: 0))"
                ]
            case .permit(let key, let count, let until):
                lines = [
                    "\(count) nodes may join \(order.org), until \(until.rfc3339(fractionDigits: 0))",
                    "  permit: \(key.base64)",
                ]
            case .retire(let name): lines = ["\(name) leaves \(order.org) for ever"]
            }
            lines.append("  reason: \(order.reason)")
        }
        if let keys {
            lines += [
                "  log:     \(keys.log.base64)", "  witness: \(keys.witness.base64)",
                "  token:   \(keys.token.base64)", "  tls:     \(keys.tls.prefixed)",
            ]
        }
        return lines.map { TerminalEscaping.shown($0) }
    }
}

extension Invocation {
    /// - Parameter other: what says already what these options say.
    /// - Throws: exit 64 if one of them is there.
    func refuse(_ options: [String], with other: String) throws(Failure) {
        for option in options where has(option) {
            throw Failure(.usage, "`--\(option)` cannot be used with \(other)")
        }
    }
}
