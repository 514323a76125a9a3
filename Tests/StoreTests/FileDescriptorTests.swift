import Glibc
import Testing

@testable import InterlockStore

struct FileDescriptorTests {
    @Test func `a pipe or a device in the place of a file is refused and not waited for`() throws {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        try #require(unsafe mkfifo(folder + "/checkpoint", 0o600) == 0)
        #expect(throws: SystemError.self) {
            try Folder.contents(folder + "/checkpoint", limit: 100)
        }
        #expect(throws: SystemError.self) { try FileDescriptor("/dev/zero", O_RDONLY) }
        #expect(try Folder.contents(folder + "/none", limit: 100) == nil)
    }
}
