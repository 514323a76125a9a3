import InterlockLedger

/// The reason a log could not be opened, read or created.
package struct LedgerFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        case damaged = "audit.damaged"
        case rolledBack = "audit.rolled_back"
        case guardLost = "audit.guard"
        case locked = "audit.locked"
        case filesystem = "audit.filesystem"
        case exposed = "audit.exposed"
        case configuration = "audit.configuration"
        case missing = "audit.missing"
        /// The epoch has ended; another log continues it.
        case closed = "audit.closed"
        case exists = "audit.exists"
        case io = "audit.io"
    }
    package let code: Code
    package let reason: String

    package init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    package var description: String { "\(code.rawValue): \(reason)" }

    /// The status of the program: 65 damaged or rolled back, 66 missing, 73 cannot be created, 74 I/O, 75 locked, 77
    /// exposed.
    package var exitCode: Int32 {
        switch code {
        case .damaged, .rolledBack, .guardLost, .configuration, .closed: 65
        case .missing: 66
        case .filesystem, .exists: 73
        case .io: 74
        case .locked: 75
        case .exposed: 77
        }
    }

    package static func == (a: LedgerFailure, b: LedgerFailure) -> Bool { a.code == b.code }
}

extension LedgerFailure {
    init(_ error: SystemError) { self.init(.io, error.description) }

    init(_ fault: TileFault) {
        switch fault {
        case .missing, .outOfRange: self.init(.missing, fault.description)
        case .unreadable: self.init(.io, fault.description)
        case .malformed, .mismatch, .wrongRoot: self.init(.damaged, fault.description)
        }
    }
}

/// Runs file operations and converts their errors to `LedgerFailure`.
func wholeness<Value>(_ body: () throws -> Value) throws(LedgerFailure) -> Value {
    do {
        return try body()
    } catch let error as LedgerFailure {
        throw error
    } catch let error as SystemError {
        throw LedgerFailure(error)
    } catch let fault as TileFault {
        throw LedgerFailure(fault)
    } catch {
        throw LedgerFailure(.io, "\(error)")
    }
}
