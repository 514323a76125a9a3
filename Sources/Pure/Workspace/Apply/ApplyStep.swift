package import InterlockModel

/// One change of the project's tree. Each step can be repeated: a crash between two steps, or within one, leaves a tree
/// from which the steps continue.
package struct ApplyStep: Hashable, Sendable {
    package enum Action: Hashable, Sendable {
        /// Removes a file or a link.
        case removeFile
        /// Removes a directory, which must be empty.
        case removeDirectory
        /// Makes a directory that its owner can write to; `setMode` follows if it must not stay so.
        case makeDirectory(mode: UInt16)
        /// Puts a file with this content in place by a rename.
        case writeFile(digest: Digest, size: Int64, mode: UInt16)
        /// Puts a link in place by a rename.
        case writeLink(target: [UInt8])
        /// Sets the permission bits of a directory.
        case setMode(UInt16)
    }

    /// The state of the project before the step; anything else means that the project changed under us.
    package enum Expected: Hashable, Sendable {
        case absent
        case file(Digest)
        case link(target: [UInt8])
        case directory
    }

    package let path: WorkspacePath
    package let action: Action
    package let expected: Expected

    package init(_ path: WorkspacePath, _ action: Action, _ expected: Expected) {
        self.path = path
        self.action = action
        self.expected = expected
    }
}

/// The state of a path of the project, as it is found before a step.
package enum FoundEntry: Hashable, Sendable {
    case absent
    case file(Digest, mode: UInt16)
    case link(target: [UInt8])
    case directory(mode: UInt16)
    /// A socket, a device or another kind that no step expects.
    case other
}

extension ApplyStep {
    package enum Verdict: Hashable, Sendable {
        case perform
        /// The path is already as the step leaves it.
        case isDone
        /// The project is neither as it was nor as it is to be; exit 72.
        case isChanged
    }

    /// Judges a step by the state that is found, so that a list of steps can be continued after a crash without a note
    /// of how far it came.
    package func verdict(_ found: FoundEntry) -> Verdict {
        switch (action, found) {
        case (.removeFile, .absent), (.removeDirectory, .absent): return .isDone
        case (.makeDirectory, .directory): return .isDone
        case (.writeFile(let digest, _, let mode), .file(let found, let foundMode))
        where digest == found && mode == foundMode:
            return .isDone
        case (.writeLink(let target), .link(let found)) where target == found: return .isDone
        case (.setMode(let mode), .directory(let found)) where mode == found: return .isDone
        default: break
        }
        switch (expected, found) {
        case (.absent, .absent), (.directory, .directory): return .perform
        case (.file(let old), .file(let digest, _)) where old == digest: return .perform
        case (.link(let old), .link(let target)) where old == target: return .perform
        default: return .isChanged
        }
    }
}
