<?php
// Fails as told and says on standard output what it threw: a JSON list of type and message, outermost first.
namespace Park\Gates;

ini_set('display_errors', 'stderr');
ini_set('log_errors', '0');

class GateLocked extends \RuntimeException {}

function read(string $text): int
{
    return intdiv(7, strlen($text) - 10);
}

function open(): void
{
    try {
        read('gate seven');
    } catch (\DivisionByZeroError $error) {
        throw new \LogicException('no number', 3, $error);
    }
}

function enter(string $message): void
{
    try {
        open();
    } catch (\LogicException $error) {
        throw new GateLocked($message, 0, $error);
    }
}

try {
    enter($argv[1] === 'lines' ? "gate 7\nis locked: for good" : 'gate 7 is locked');
} catch (GateLocked $error) {
    $links = [];
    for ($link = $error; $link !== null; $link = $link->getPrevious()) {
        $links[] = [get_class($link), $link->getMessage()];
    }
    echo json_encode($links), "\n";
    if ($argv[1] === 'crash') {
        throw $error;
    }
    error_log("PHP Fatal error:  Uncaught $error");
}
