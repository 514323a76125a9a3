/// The program that the hooks start: it is Interlock's, only root can change it, and this user can run it.
enum AdapterChecks {
    static func all(_ facts: DoctorFacts) -> [DoctorCheck] {
        let file = facts.adapter.file
        func failed(_ cause: String, _ help: String?) -> [DoctorCheck] {
            [DoctorCheck(.adapter, file.path, .failed, cause, help: help)]
        }
        if file.isAbsent {
            return failed("does not exist: a host opens on a hook that is missing", "install it")
        }
        if let weakness = file.weakness(isRootMapped: facts.user.isRootMapped) {
            return failed(weakness, FileFault.ownerHelp)
        }
        switch facts.adapter.trial {
        case .ended(code: 2, _, let errors) where errors.starts(with: "interlock: denied (".utf8):
            return [
                DoctorCheck(
                    .adapter, file.path, .enforced(at: .hook),
                    "refuses an event that it cannot read, with exit 2 and one line")
            ]
        case .ended(let code, _, _):
            return failed("is not Interlock's: it ended an empty event with \(code)", "install it")
        case .absent: return failed("cannot be run by this user", "chmod 0755 it")
        case .failed(let reason): return failed("cannot be run by this user: \(reason)", nil)
        }
    }
}
