import Glibc
import Testing

@testable import InterlockSandbox

/// The folders that a command needs besides the system (docs/specs/sandbox.md, section 4).
@Suite struct ProgramFoldersTests {
    /// A tree of files below a new folder.
    private final class Tree {
        let folder: String

        init() throws {
            var template = Array("/tmp/interlock-programs-XXXXXX".utf8CString)
            let made = unsafe try #require(mkdtemp(&template))
            folder = unsafe String(cString: made)
        }

        deinit { removeTree(folder) }

        func file(_ path: String, _ text: String = "") -> String {
            let whole = "\(folder)/\(path)"
            var parent = ""
            for part in whole.split(separator: "/").dropLast() {
                parent += "/" + part
                unsafe mkdir(parent, 0o755)
            }
            let file = unsafe open(whole, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0o755)
            let bytes = Array(text.utf8)
            _ = unsafe write(file, bytes, bytes.count)
            close(file)
            return whole
        }

        func link(_ path: String, to text: String) {
            _ = file(path)
            unsafe unlink("\(folder)/\(path)")
            unsafe symlink(text, "\(folder)/\(path)")
        }

        /// Returns what is shown for a command, without the folder of the test; a path that is shown elsewhere as `a at b`.
        func shown(_ argv: String...) -> Set<String> {
            let programs = ProgramFolders(
                argv, [("PATH", "/usr/bin:\(folder)/path")], in: folder,
                homes: ["\(folder)/home/u"])
            return Set(
                programs.shown.map { shown in
                    let (source, target) = (short(shown.source), short(shown.target))
                    return source == target ? source : "\(source) at \(target)"
                })
        }

        private func short(_ path: String) -> String {
            path.hasPrefix(folder) ? String(path.dropFirst(folder.count)) : path
        }
    }

    @Test func `a program of the system needs nothing`() throws {
        let tree = try Tree()
        #expect(tree.shown("/usr/bin/env", "true").isEmpty)
        #expect(tree.shown("python3", "-m", "http.server").isEmpty)
    }

    @Test func `a virtual environment is shown with its interpreter, also directly in a home`()
        throws
    {
        let tree = try Tree()
        _ = tree.file("home/u/venv/pyvenv.cfg")
        let python = tree.file("opt/python/bin/python3.12")
        tree.link("home/u/venv/bin/python", to: python)
        let program = tree.file(
            "home/u/venv/bin/server", "#!\(tree.folder)/home/u/venv/bin/python\n")
        #expect(tree.shown(program) == ["/home/u/venv", "/opt/python"])
    }

    @Test func `a tool is found through its link, and the folder of the link is not shown`() throws
    {
        let tree = try Tree()
        _ = tree.file("home/u/.local/share/uv/tools/x/pyvenv.cfg")
        let tool = tree.file("home/u/.local/share/uv/tools/x/bin/x", "#!/usr/bin/python3\n")
        tree.link("home/u/.local/bin/x", to: "../share/uv/tools/x/bin/x")
        let shown = tree.shown("\(tree.folder)/home/u/.local/bin/x")
        let file = String(tool.dropFirst(tree.folder.count))
        #expect(shown == ["/home/u/.local/share/uv/tools/x", "\(file) at /home/u/.local/bin/x"])
    }

    @Test func `a script is shown with its folder, and alone where the folder is a home`() throws {
        let tree = try Tree()
        let script = tree.file("srv/desk/server.py")
        #expect(tree.shown("/usr/bin/python3", script, "--data", tree.folder) == ["/srv/desk"])
        let own = tree.file("home/u/server.py")
        #expect(tree.shown("/usr/bin/python3", own) == ["/home/u/server.py"])
        let inFolder = tree.file("home/u/desk/server.py")
        #expect(tree.shown("/usr/bin/python3", inFolder) == ["/home/u/desk/server.py"])
        #expect(tree.shown("/usr/bin/python3", "srv/desk/server.py") == ["/srv/desk"])
    }

    @Test func `the packages of a Node program are shown`() throws {
        let tree = try Tree()
        let script = tree.file("lib/node_modules/desk/dist/index.js")
        let node = tree.file("opt/node/bin/node")
        #expect(tree.shown(node, script) == ["/opt/node", "/lib/node_modules"])
    }

    @Test func `a folder of credentials is never shown because a program lies there`() throws {
        let tree = try Tree()
        let program = tree.file("srv/.ssh/tool")
        #expect(tree.shown(program) == ["/srv/.ssh/tool"])
    }
}
