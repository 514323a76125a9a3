extension ProgramTable {
    /// Programs that change files.
    static let files: [(String, ProgramRule)] = [
        (
            "mkdir touch cp ln tee chmod mv mktemp gzip gunzip bzip2 bunzip2 xz unxz zstd csplit dos2unix unix2dos",
            .any(.write)
        ),
        (
            "zip",
            .options(.write, ProgramOptions("rqjyu0123456789x:i:", "recurse-paths quiet exclude"))
        ),
        ("split", .options(.write, ProgramOptions("dxl:b:C:n:a:", "lines bytes number"))),
        (
            "patch",
            .options(.write, ProgramOptions("NRstup:i:d:F:", "strip input dry-run forward reverse"))
        ),
        ("rm rmdir unlink shred truncate wipe srm trash trash-put", .any(.delete)),
        ("dd", .any(.delete)),
        ("chown chgrp setfacl chattr", .any(.arbitrary)),
        (
            "mkfs mkswap wipefs fdisk parted sfdisk sgdisk lvremove vgremove zpool mdadm cryptsetup blkdiscard",
            .any(.production)
        ),
        (
            "rsync scp sftp ftp lftp tftp nc ncat netcat socat telnet mail mailx sendmail mutt rclone croc wormhole transfer",
            .any(.push)
        ),
        (
            "curl",
            .options(
                .arbitrary,
                ProgramOptions(
                    "sSLfkvIigjGO#o:H:A:e:m:u:b:w:", "",
                    raising: [
                        .push:
                            "-d -F -T -X --data --data-raw --data-binary --data-urlencode --data-ascii --form --form-string --upload-file --request --json"
                    ]))
        ),
        (
            "wget",
            .options(
                .arbitrary,
                ProgramOptions(raising: [
                    .push: "--post-data --post-file --method --body-data --body-file"
                ]))
        ),
    ]
}
