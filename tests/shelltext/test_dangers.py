from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbook.model import FileContent, Turn
from runbook.shelltext.dangers import dangers, step_dangers
from runbook.shelltext.parsing.lexer import masked, split
from runbook.shelltext.placeholders import placeholders
from runbook.shelltext.programs import programs
from tests.support.unmarked import asked, at, unmarked

DESTRUCTIVE = """\
rm -rf /srv/x
rm --recursive x
rm /etc/hosts
mkfs.xfs -f /dev/vdb
mke2fs /dev/vdb
mkswap /dev/vdb2
dd if=/dev/zero of=/dev/vdb bs=1M
wipefs -a /dev/vdb
blkdiscard /dev/vdb
shred secret
fdisk /dev/vdb
cfdisk
gdisk /dev/vdb
parted -s /dev/vdb mklabel gpt
sgdisk --zap-all /dev/vdb
sfdisk /dev/vdb < layout
lvremove -f vg/lv
vgremove vg
pvremove /dev/vdb
lvreduce -L 1G vg/lv
zpool destroy tank
zfs destroy tank/a
mdadm --zero-superblock /dev/vdb
cryptsetup luksFormat /dev/vdb
btrfs subvolume delete a
cat image > /dev/vdb
cat image | tee /dev/vdb
cp image /dev/vdb
gluster --mode=script volume delete data
ceph osd purge 3 --yes-i-really-mean-it
ceph osd destroy 3
ceph osd pool delete a a
ceph-volume lvm zap /dev/vdb
rbd rm pool/image
mysql -u root -e 'DROP DATABASE a'
psql --command="TRUNCATE t"
echo 'delete from t;' | mysql a
dropdb a
virsh -c qemu:///system undefine vm
virsh destroy vm
userdel bob
deluser bob
groupdel staff
iptables -t nat -F
ip6tables --flush
iptables -P INPUT DROP
nft flush ruleset
reboot
poweroff
halt -p
shutdown -h now
init 0
telinit 6
systemctl poweroff
systemctl disable --now sshd
systemctl stop NetworkManager.service
service network restart
ifdown eth0
docker system prune -af
podman volume rm a
kubectl -n a delete pod b
oc delete project a
helm uninstall a
kubeadm reset -f
git clean -fdx
git -C /srv/a reset --hard
chmod -R 777 /
chown -R bob: /etc
kill -9 1
kill -9 -1
mv data /dev/null
crontab -r
find /srv -name '*.log' -delete
curl -fsSL https://a.example/x | sh
wget -qO- https://a.example/x | sudo -E bash -
bash -c "$(curl -fsSL https://a.example/x)"
bash <(curl -fsSL https://a.example/x)
echo b > /proc/sysrq-trigger
:(){ :|:& };:"""

REACHED = """\
sudo -u bob CMD
env -u A B=2 nice -n 5 CMD
A=1 CMD
true && CMD
false || CMD; true
for d in a b; do CMD; done
if true; then CMD; fi
f() { CMD; }
(cd /srv && CMD)
echo "$(CMD)"
echo `CMD`
sh -c 'CMD'
sudo bash -ec "CMD"
ssh -p 2222 root@gs1 'CMD'
ssh gs1 CMD
su - bob -c 'CMD'
timeout -s KILL 5 CMD
nohup CMD &
find . -name x -exec CMD {} +
ls | xargs -n 1 CMD
docker exec -it -u root box CMD
kubectl exec pod -- CMD
eval "CMD"
bash <<'EOF'\\nCMD\\nEOF
echo 'CMD' | sh
watch -n 2 CMD
case $1 in a) CMD;; esac"""

HARMLESS = r"""
echo "rm -rf /"
echo rm -rf /
# rm -rf /
true # rm -rf /
cat > notes <<EOF\nrm -rf /\nEOF
grep -r 'DROP TABLE' .
man reboot
which mkfs.xfs
apt-get install -y parted gdisk
rm notes.txt
fdisk -l /dev/vda
parted /dev/vda print
parted -l
sfdisk -d /dev/vda
sgdisk --print /dev/vda
gdisk -l /dev/vda
wipefs /dev/vda
dd if=/dev/vda of=/dev/null
echo done > /dev/null
ls 2>/dev/null >&2
echo hello > /dev/tty
mysql -e 'DELETE FROM t WHERE id = 1'
psql -c 'SELECT 1'
virsh list --all
systemctl stop nginx
systemctl restart sshd
systemctl status network
shutdown -c
init 3
kill -1 500
kill 100
iptables -A INPUT -j ACCEPT
nft list ruleset
chmod -R 755 /srv/www/a
git reset HEAD a
git clean -n
git commit -m "reset --hard"
docker ps
curl -O https://a.example/x
curl https://a.example/x | jq .
crontab -l
mdadm --detail /dev/md0
"""


@pytest.mark.parametrize("text", DESTRUCTIVE.splitlines())
def test_destructive_commands_are_found(text: str) -> None:
    """With a reason in words."""
    (reason, *_) = dangers(text)
    assert " " in reason


@pytest.mark.parametrize("around", REACHED.splitlines())
def test_destructive_commands_are_found_however_they_are_started(around: str) -> None:
    """Through other programs, other hosts, and shell grammar."""
    text = around.replace("\\n", "\n").replace("CMD", "rm -rf /srv/x")
    assert any("deletes directories" in reason for reason in dangers(text)), text


@pytest.mark.parametrize("text", HARMLESS.strip().splitlines())
def test_commands_that_only_look_destructive_are_not_reported(text: str) -> None:
    """Text that is printed or searched for, and read-only options."""
    assert dangers(text.replace("\\n", "\n")) == ()


def test_space_around_a_command_changes_nothing() -> None:
    """Nor do empty lines."""
    for text in ("reboot", "rm -r a", "zfs destroy a", "ls"):
        for around in ("\n{}", "{}\n", "  {}  ", "\t{}", "\n\n{}\n\n"):
            assert dangers(around.format(text)) == dangers(text)


def test_input_for_interactive_programs_is_checked_as_well() -> None:
    """A database, the shell of a tool, and a shell on another host."""
    for program, prompt, answer in (
        ("mysql", "mysql>", "drop database a;"),
        ("psql", "engine=#", "TRUNCATE t;"),
        ("virsh", "virsh #", "undefine vm"),
        ("gluster", "gluster>", "volume delete a"),
        ("ssh gs1", "root@gs1:~#", "reboot"),
    ):
        assert step_dangers(unmarked("one", asked(program, Turn(prompt, answer)))), program
    assert step_dangers(unmarked("one", asked("mysql", Turn("mysql>", "select 1;")))) == ()


def test_replacing_a_vital_system_file_is_a_danger() -> None:
    """If the guide shows only a part of it, the rest is lost."""
    whole = FileContent("/etc/fstab", "x\n", at(3))
    assert "/etc/fstab" in step_dangers(unmarked("one", whole))[0]
    assert step_dangers(unmarked("one", FileContent("/etc/a.conf", "x\n", at(3)))) == ()


@given(st.text(alphabet="ab \t\n'\"\\$(){}[]`<>|&;#=-/rm*~!EOF0", max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    """Even if it is not shell; masked text keeps its length and line breaks."""
    dangers(text)
    placeholders(text)
    shown = masked(text)
    assert len(shown) == len(text)
    assert [n for n, char in enumerate(shown) if char == "\n"] == [
        n for n, char in enumerate(text) if char == "\n"
    ]


@given(st.lists(st.text(alphabet="ab'\"\\$ #;&|<>*é", min_size=1, max_size=8), min_size=1))
def test_quoting_is_undone_exactly(words: list[str]) -> None:
    """Whatever the words contain."""
    (command,) = split(shlex.join(["program", *words]))
    assert [word.text for word in command.words] == ["program", *words]


@given(st.text(alphabet='ab;&|()$`\n"# ', max_size=20))
def test_a_quoted_danger_is_only_a_word(text: str) -> None:
    """`echo` just prints it."""
    assert dangers(f"echo {shlex.quote('rm -rf / ' + text)}") == ()
    assert any("deletes" in one for one in dangers(f"sh -c {shlex.quote('rm -rf /; ' + text)}"))


def test_a_here_document_is_the_input_of_a_command() -> None:
    """The text after it is a command again."""
    found = list(programs("cat > a <<EOF && ls\nreboot\nEOF\ndate"))
    assert [program.name for program in found] == ["cat", "ls", "date"]
    assert found[0].inputs == ("reboot",)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("destroy <ID of the vm>", ("<ID of the vm>",)),
        ("create --password GLANCE_PASS glance", ("GLANCE_PASS",)),
        ("mysql -p'KEYSTONE_DBPASS'", ("KEYSTONE_DBPASS",)),
        ("curl http://{host}:80/<id>", ("{host}", "<id>")),
        ("ping HOST_IP", ("HOST_IP",)),
        ('store-ctl -s "http://FQDN_oder_äußere:80"', ("FQDN_oder_äußere",)),
        ("sort <in >out", ()),
        ("cat <in>out", ()),
        ("cp a.{txt,md} ${dir} $HOST_IP", ()),
        ("export ADMIN_PASS=x", ()),
        ("docker ps --format '{{.Names}}'", ()),
        ("curl -d '<a><b>1</b></a>'", ()),
        ("awk '{print}' a", ()),
        ("grep MAX_CLIENTS a", ()),
    ],
)
def test_placeholders_differ_from_similar_syntax(text: str, left: tuple[str, ...]) -> None:
    """Redirections, braces, variables, markup."""
    assert placeholders(text) == left
