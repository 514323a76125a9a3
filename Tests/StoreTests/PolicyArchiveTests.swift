import Glibc
import InterlockAdministration
import InterlockGovernor
import InterlockModel
import InterlockPorts
import Testing

@testable import InterlockStore

@Suite struct PolicyArchiveTests {
    @Test func `what was kept is found under its own digest, by its owner alone`() throws {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        let archive = PolicyArchive(folder: folder + "/policies", hashing: TestLog.hashing)
        let (text, bundle) = (Array("{}".utf8), Array("files".utf8))
        try archive.keep(canonical: text, bundle: bundle)
        try archive.keep(canonical: text, bundle: bundle)
        #expect(try archive.canonical(of: TestLog.hashing.sha256(text)) == text)
        #expect(try archive.bundle(TestLog.hashing.sha256(bundle)) == bundle)
        #expect(try archive.canonical(of: TestLog.hashing.sha256(bundle)) == nil)
        let names = try Folder.names(folder + "/policies")
        #expect(names.count == 2)
        for name in names {
            var status = stat()
            #expect(unsafe stat(folder + "/policies/" + name, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
        }
    }

    @Test func `a file that was changed is not what its name says, and is written anew`() throws {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        let archive = PolicyArchive(folder: folder, hashing: TestLog.hashing)
        let (text, bundle) = (Array("{}".utf8), Array("files".utf8))
        try archive.keep(canonical: text, bundle: bundle)
        let digest = TestLog.hashing.sha256(bundle)
        try Folder.replace("\(folder)/\(digest.hex).bundle", with: Array("FILES".utf8))
        #expect(throws: StoreFailure.self) { try archive.bundle(digest) }
        try archive.keep(canonical: text, bundle: bundle)
        #expect(try archive.bundle(digest) == bundle)
    }

    @Test func `a folder that cannot be made is said`() throws {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        try Folder.replace(folder + "/file", with: [])
        let archive = PolicyArchive(folder: folder + "/file/policies", hashing: TestLog.hashing)
        #expect(throws: StoreFailure.self) { try archive.keep(canonical: [1], bundle: [2]) }
    }
}
