import CLinux
import Glibc
import InterlockWorkspace

/// The journal of an apply in the folder of its run.
struct JournalFile: ~Copyable {
    static let name = "journal"
    private let file: Descriptor

    /// Writes the head of a journal, durable on return, in the place of an earlier one.
    init(
        _ journal: ApplyJournal, in folder: borrowing Descriptor
    ) throws(WorkspaceFailure) {
        try replace(folder, Self.name, journal.head)
        try self.init(appendingIn: folder)
    }

    /// Opens the journal of an apply that did not end. A part of a line at its end is cut off.
    init(appendingIn folder: borrowing Descriptor) throws(WorkspaceFailure) {
        guard let file = Descriptor.entry(folder.number, Self.name.utf8, O_RDWR | O_APPEND),
            let bytes = contents(of: file.number, most: ApplyJournal.mostBytes)
        else {
            throw WorkspaceFailure(.system, "cannot open the journal: \(describe(errno))")
        }
        let whole = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        guard whole == bytes.count || ftruncate(file.number, off_t(whole)) == 0 else {
            throw WorkspaceFailure(.system, "cannot cut the journal: \(describe(errno))")
        }
        self.file = file
    }

    /// Returns the journal in the folder, or nil if there is none.
    static func read(
        in folder: borrowing Descriptor
    ) throws(WorkspaceFailure) -> ApplyJournal? {
        guard let status = status(folder.number, name.utf8) else {
            if errno == ENOENT { return nil }
            throw WorkspaceFailure(.system, "cannot read the journal: \(describe(errno))")
        }
        guard status.kind == S_IFREG,
            let bytes = contents(folder, name, most: ApplyJournal.mostBytes)
        else { throw WorkspaceFailure(.invalid, "the journal of the run cannot be read") }
        do throws(TreeTextError) { return try ApplyJournal(parsing: bytes) } catch {
            throw WorkspaceFailure(
                .invalid, "invalid journal of the run: line \(error.line)")
        }
    }

    /// Adds a line. Only the last one is made durable: a lost note costs a look at the project, and nothing else.
    func add(_ line: [UInt8], isDurable: Bool) throws(WorkspaceFailure) {
        guard write(file.number, line.span), !isDurable || fsync(file.number) == 0 else {
            throw WorkspaceFailure(.system, "cannot write the journal: \(describe(errno))")
        }
    }
}
