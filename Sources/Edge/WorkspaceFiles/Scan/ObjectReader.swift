package import InterlockSafety
package import InterlockWorkspace

/// Reads repositories of a project with Git, which is kept from the host: the author of a repository names programs that
/// Git starts. Contract:
/// - Each function passes the output of one command to `take`, in parts and in order, and returns at its end.
/// - It throws if Git cannot be started, fails, complains, takes too long, or writes more than it may; an error of `take`
///   ends the command.
/// - References, replacements and grafts of a repository do not change what is listed and read.
package protocol ObjectReader {
    /// The lines of `ObjectList`, of every object of the store, whether a reference leads to it or not.
    func list(
        _ store: ObjectStore, take: (Span<UInt8>) throws(ScanFailure) -> Void
    ) throws(ScanFailure)

    /// The output of `ObjectStream`.
    func read(
        _ blobs: [ListedBlob], of store: ObjectStore,
        take: (Span<UInt8>) throws(ScanFailure) -> Void
    ) throws(ScanFailure)

    /// The lines of `ObjectNames`, of what references and their logs lead to, oldest commits first.
    func names(
        of store: ObjectStore, take: (Span<UInt8>) throws(ScanFailure) -> Void
    ) throws(ScanFailure)
}
