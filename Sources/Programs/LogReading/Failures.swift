package import InterlockCommandLine
package import InterlockCredentials
package import InterlockStore

extension Failure {
    package init(_ failure: LedgerFailure) {
        let exit = Exit(rawValue: failure.exitCode) ?? .internalError
        let help: String? =
            switch failure.code {
            case .damaged:
                "nothing on disk was changed; compare with a copy, `interlock audit verify` tells where"
            case .guardLost: "`interlock serve --guard-lost` accepts it once, and the log says so"
            case .filesystem: "put `state/` on ext4 or xfs, or set `ledger.any_filesystem: true`"
            case .locked: "another `interlock serve` runs on this folder"
            case .exposed: "chmod 700 the folder"
            case .rolledBack:
                "restore the newer log, or begin a new epoch that says so: interlock audit epoch new --after-rollback"
            case .closed:
                "another log continues from it: restore state/, or finish with interlock audit epoch new"
            case .configuration, .missing, .exists, .io: nil
            }
        self.init(exit, "\(failure)", help: help)
    }
}

extension Failure {
    package init(_ error: KeyFailure) {
        switch error.code {
        case .missing: self.init(.notFound, error.reason, help: error.help)
        case .exposed: self.init(.notPermitted, error.reason, help: error.help)
        case .io, .unflushed: self.init(.io, error.reason, help: error.help)
        default: self.init(.data, error.reason, help: error.help)
        }
    }
}
